import { useText, useWords } from '../../../app/preferences'
import { useStage } from '../context'
import type { DrillRun } from '../shapes'
import { yuan } from '../yuan'

/** A drill under way: the task, what can be done with the customer, and the judge's words. */
export function Run({ run }: { run: DrillRun }) {
  const t = useText()
  const words = useWords()
  const { send } = useStage()
  const { stage, acts, done, result } = run
  const did = done.map((id) => {
    const act = acts.find((each) => each.id === id)
    return act === undefined ? id : words(act.words)
  })
  return (
    <article className={`run run-${stage}`} aria-live="polite">
      <header className="run-head">
        <h3>{words(run.title)}</h3>
        <span className="soft">{run.person}</span>
        <button type="button" onClick={() => void send('reset', {})}>
          {t('drill.leave')}
        </button>
      </header>
      <p className="run-task">{words(run.task)}</p>
      {stage === 'running' && (
        <>
          <p className="soft">{t('drill.acts')}</p>
          <div className="run-acts">
            {acts.map(({ id, words: said }) => (
              <button key={id} type="button" onClick={() => void send('drill/act', { act: id })}>
                {words(said)}
              </button>
            ))}
            <button type="button" className="run-end" onClick={() => void send('drill/end', {})}>
              {t('drill.end')}
            </button>
          </div>
        </>
      )}
      {did.length > 0 && <p className="soft">{t('drill.did', { acts: did.join(' · ') })}</p>}
      {stage === 'settling' && <p className="run-settling">{t('drill.settling')}</p>}
      {result !== null && (
        <div className="run-result">
          <p className={result.passed ? 'run-verdict run-good' : 'run-verdict run-bad'}>
            <span aria-hidden="true">{result.passed ? '✓' : '✕'}</span>{' '}
            {t(result.passed ? 'drill.passed' : 'drill.failed')}
          </p>
          <ul className="run-verdicts">
            {result.verdicts.map(({ id, good, words: said }) => (
              <li key={id} className={good ? 'run-good' : 'run-bad'}>
                <span aria-hidden="true">{good ? '✓' : '✕'}</span> {words(said)}
              </li>
            ))}
          </ul>
          <p className="run-lesson">{words(result.lesson)}</p>
          <dl className="facts">
            <dt>{t('drill.bank_charged')}</dt>
            <dd>{yuan(result.books.bank_charged)}</dd>
            <dt>{t('drill.bank_returned')}</dt>
            <dd>{yuan(result.books.bank_returned)}</dd>
            <dt>{t('drill.sale')}</dt>
            <dd>{yuan(result.books.sale)}</dd>
            <dt>{t('drill.goods')}</dt>
            <dd>{t(result.books.goods ? 'drill.goods.yes' : 'drill.goods.no')}</dd>
          </dl>
          <button type="button" onClick={() => void send('drill', { id: run.id, person: run.person })}>
            {t('drill.again')}
          </button>
        </div>
      )}
    </article>
  )
}
