import { useText, useWords } from '../../../app/preferences'
import { clock } from '../../../format/time'
import { useStage } from '../context'
import type { PosPayment } from '../shapes'
import { yuan } from '../yuan'

/** The same payment in three books, side by side: where they differ it can be seen. */
export function Books({ payment }: { payment: PosPayment }) {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  return (
    <>
      <div className="books">
        <h3 className="unseen">{t('pos.books')}</h3>
        <dl>
          <div>
            <dt>{t('pos.books.terminal')}</dt>
            <dd>
              <TerminalSays payment={payment} />
            </dd>
          </div>
          <div>
            <dt>{t('pos.books.hefu')}</dt>
            <dd>{words(payment.view_words)}</dd>
          </div>
          <div>
            <dt>{t('pos.books.bank')}</dt>
            <dd>
              <BankSays rrn={payment.rrn} />
            </dd>
          </div>
        </dl>
      </div>
      {state.payment?.timeline !== undefined && state.payment.timeline.length > 0 && (
        <details className="timeline-fold">
          <summary>{t('pos.timeline')}</summary>
          <ol>
            {state.payment.timeline.toReversed().map(({ at_ms, kind, words: said }, at) => (
              <li key={`${at_ms} ${kind} ${at}`}>
                <time className="figure soft">{clock(at_ms)}</time> {words(said)}
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  )
}

/** The terminal may have no reference, if it never heard an answer: then its newest line of that amount is meant. */
function TerminalSays({ payment }: { payment: PosPayment }) {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  const { believes } = state
  const entry =
    believes?.journal.findLast(({ rrn }) => rrn === payment.rrn) ??
    believes?.journal.findLast(
      ({ rrn, amount, at_ms }) =>
        rrn === null && amount === payment.amount && Math.abs(at_ms - payment.opened_ms) < NEAR_MS,
    )
  const owed = believes?.owes.reversal ?? null
  return (
    <>
      {entry === undefined ? t('pos.books.nothing') : words(entry.standing_words)}
      {owed !== null && owed.trace === entry?.trace && (
        <small>{t('pos.books.owes_reversal', { tries: owed.tries })}</small>
      )}
    </>
  )
}

const NEAR_MS = 60_000

function BankSays({ rrn }: { rrn: string }) {
  const t = useText()
  const { state } = useStage()
  const line = state.ledger.find((each) => each.rrn === rrn)
  if (line === undefined || line.charged + line.returned + line.held === 0) {
    return t('pos.books.nothing')
  }
  return (
    <>
      {line.charged > 0 && t('pos.books.charged', { amount: yuan(line.charged) })}
      {line.held > 0 && t('pos.books.held', { amount: yuan(line.held) })}
      {line.returned > 0 && <small>{t('pos.books.returned', { amount: yuan(line.returned) })}</small>}
    </>
  )
}
