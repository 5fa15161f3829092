import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useText, useWords } from '../../../app/preferences'
import { useStage } from '../context'
import { ask } from '../link'
import type { Drill, DrillResult, Pos } from '../shapes'
import { Results } from './Results'
import { Run } from './Run'

/** Drills: what goes wrong is set up, a person acts, the books judge. */
export function Drills({ pos, onTill }: { pos: Pos; onTill: (n: number) => void }) {
  const t = useText()
  const { state } = useStage()
  const stage = state.drill?.stage ?? 'none'
  const results = useQuery({
    queryKey: ['pos', 'results', stage],
    retry: false,
    queryFn: () => ask<DrillResult[]>('/drills/results'),
  })
  return (
    <section className="drills" aria-labelledby="drills-title">
      <h2 id="drills-title">{t('drill.title')}</h2>
      {state.drill && <Run run={state.drill} />}
      {pos.drills.length === 0 ? (
        <p className="soft">{t('drill.none')}</p>
      ) : (
        <Choose drills={pos.drills} results={results.data ?? []} pos={pos} onTill={onTill} />
      )}
    </section>
  )
}

interface ChooseProps {
  drills: readonly Drill[]
  results: readonly DrillResult[]
  pos: Pos
  onTill: (n: number) => void
}

function Choose({ drills, results, pos, onTill }: ChooseProps) {
  const t = useText()
  const words = useWords()
  const { state, send, cards, choose } = useStage()
  const [by, setBy] = useState<'hole' | 'family'>('hole')
  const [person, setPerson] = useState(() => localStorage.getItem(PLACE) ?? '')
  const begin = async (drill: Drill) => {
    localStorage.setItem(PLACE, person)
    // One that needs the old model is done at a till of that model.
    const fits = drill.model === 'certified' || state.terminal.model.id === drill.model
    const n = fits ? state.n : (pos.terminals.find((till) => till.model.id === drill.model)?.n ?? state.n)
    const card = cards.find((each) => each.card === drill.card)
    if (card !== undefined) {
      choose(card)
    }
    const begun = await send(`/${n}/drill`, { id: drill.id, person: person.trim() || ANYBODY })
    if (begun && n !== state.n) {
      onTill(n)
    }
  }
  const shown = drills.filter((drill) => drill[by] !== null)
  return (
    <>
      <div className="drills-bar">
        <div className="drills-by" role="group" aria-label={t('drill.by')}>
          {(['hole', 'family'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={by === each} onClick={() => setBy(each)}>
              {t(`drill.by.${each}`)}
            </button>
          ))}
        </div>
        <label className="drills-person">
          <span>{t('drill.person')}</span>
          <input
            value={person}
            maxLength={40}
            autoComplete="nickname"
            onChange={(event) => setPerson(event.target.value)}
          />
        </label>
      </div>
      <ol className="drills-list" tabIndex={0} aria-label={t(`drill.by.${by}`)}>
        {shown.map((drill) => (
          <li key={drill.id} className={drill.possible ? undefined : 'drill-not'}>
            <span className="drill-no">{drill.hole ?? drill.codes.slice(0, 3).join(' ')}</span>
            <span className="drill-what">
              <strong>{words(drill.title)}</strong>
              <span className="soft">
                {drill.possible ? words(drill.task) : drill.why_not && words(drill.why_not)}
              </span>
            </span>
            <Passed results={results} drill={drill.id} person={person.trim() || ANYBODY} />
            {drill.possible && (
              <button
                type="button"
                className="drill-start"
                aria-label={t('drill.start.named', { title: words(drill.title) })}
                onClick={() => void begin(drill)}
              >
                {t('drill.start')}
              </button>
            )}
          </li>
        ))}
      </ol>
      <Results results={results} />
    </>
  )
}

interface PassedProps {
  results: readonly DrillResult[]
  drill: string
  person: string
}

/** Whether this person has passed it before. */
function Passed({ results, drill, person }: PassedProps) {
  const t = useText()
  const own = results.find((result) => result.drill === drill && result.person === person)
  if (own === undefined) {
    return null
  }
  return (
    <span className={own.passed ? 'tag tag-jade' : 'tag tag-cinnabar'}>
      {t(own.passed ? 'drill.passed' : 'drill.failed')}
    </span>
  )
}

const PLACE = 'hefu.trainee'
/** Who gives no name is a guest. */
const ANYBODY = 'Guest'
