import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { Refused } from '../../api/client'
import { Brand } from '../../app/Brand'
import { usePreferences, useText, useWords } from '../../app/preferences'
import { Switches } from '../../app/Switches'
import { useVoice } from './device/useVoice'
import type { Seen } from './link'
import type { Pos } from './shapes'

interface TopProps {
  pos: Pos
  n: number
  seen: Seen
  onTill: (n: number) => void
}

/** The page's head: which till, how the line stands, voice, language and theme. */
export function Top({ pos, n, seen, onTill }: TopProps) {
  const t = useText()
  const words = useWords()
  const { language } = usePreferences()
  const [speaks, setSpeaks] = useState(false)
  useVoice(speaks ? (seen.state?.voice ?? null) : null, language)
  return (
    <header className="pos-top">
      <Brand />
      <label className="pos-pick">
        <span className="unseen">{t('pos.till')}</span>
        <select value={n} onChange={(event) => onTill(Number(event.target.value))}>
          {pos.terminals.map((till) => (
            <option key={till.n} value={till.n}>
              {words(till.name)} {till.number}
              {till.model.id === 'deletes' ? ` · ${words(till.model)}` : ''}
            </option>
          ))}
        </select>
      </label>
      <LineSign seen={seen} />
      <div className="pos-tools">
        {pos.scale > 1 && <span className="soft">{t('pos.scale', { scale: pos.scale })}</span>}
        <Button aria-pressed={speaks} onClick={() => setSpeaks(!speaks)}>
          {t(speaks ? 'pos.voice.on' : 'pos.voice.off')}
        </Button>
        <Switches />
        <Link to="/">{t('pos.console')}</Link>
      </div>
    </header>
  )
}

/** Quiet, and never in the way: the gateway may be gone for a moment. */
function LineSign({ seen }: { seen: Seen }) {
  const t = useText()
  const { state, live, trouble } = seen
  const down = state?.gateway === 'down'
  const sign = !live ? 'away' : down ? 'gateway_down' : 'live'
  return (
    <span className={`pos-sign pos-sign-${sign}`} role="status">
      <span aria-hidden="true">{sign === 'live' ? '●' : '◌'}</span> {t(`pos.${sign}`)}
      {live && trouble !== null && (
        <span className="pos-sign-why">
          {' '}
          ·{' '}
          {t('pos.refused', {
            why: trouble instanceof Refused ? trouble.problem.detail : t('pos.no_answer'),
          })}
        </span>
      )}
    </span>
  )
}
