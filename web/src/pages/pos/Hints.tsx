import { useText } from '../../app/preferences'
import { useStage } from './context'
import { HINTS, type Hint } from './progress'
import type { Tab } from './Tabs'

/** What a first visitor does: three chips that light up as they are done. */
export function Hints({ onGo }: { onGo: (tab: Tab) => void }) {
  const t = useText()
  const { progress } = useStage()
  const next = HINTS.find((hint) => !progress[hint])
  return (
    <ol className="pos-hints" aria-label={t('pos.hints')}>
      {HINTS.map((hint, at) => (
        <li
          key={hint}
          className={progress[hint] ? 'pos-hint-done' : hint === next ? 'pos-hint-next' : undefined}
        >
          <button type="button" onClick={() => onGo(TAB[hint])}>
            <span className="pos-hint-no" aria-hidden="true">
              {progress[hint] ? '✓' : at + 1}
            </span>
            {t(`pos.hint.${hint}`)}
            {progress[hint] && <span className="unseen"> ({t('pos.hint.done')})</span>}
          </button>
        </li>
      ))}
    </ol>
  )
}

const TAB: Record<Hint, Tab> = { pay: 'tally', break: 'faults', heal: 'tally' }
