import { useText, useWords } from '../../../app/preferences'
import { Sign } from '../../../components/Sign'
import { clock } from '../../../format/time'
import { useStage } from '../context'
import { yuan } from '../yuan'

/** The bank's own book of this till: it is the bank's, not ours. */
export function Bank() {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  const { bank, bank_entries, ledger } = state
  const newest = ledger[0]
  return (
    <section className="bank" aria-labelledby="bank-title">
      <header className="bank-head">
        <h2 id="bank-title">{t('pos.bank')}</h2>
        {bank.slow_ms > 0 ? (
          <span className="tag tag-amber">{t('pos.bank.slow', { seconds: bank.slow_ms / 1_000 })}</span>
        ) : (
          <Sign good={bank.up}>{t(bank.up ? 'pos.bank.up' : 'pos.bank.down')}</Sign>
        )}
      </header>
      {bank_entries.length === 0 ? (
        <p className="soft">{t('pos.bank.none')}</p>
      ) : (
        <ul className="bank-entries" tabIndex={0} aria-label={t('pos.bank')}>
          {bank_entries.map(({ at_ms, rrn, words: said }, at) => (
            <li key={`${at_ms} ${at}`}>
              <span className="figure soft">{clock(at_ms)}</span>
              <span>{words(said)}</span>
              <span className="code soft">{rrn.slice(-6)}</span>
            </li>
          ))}
        </ul>
      )}
      {newest !== undefined && (
        <p className="bank-balance">
          <span className="code">…{newest.card.slice(-4)}</span>{' '}
          {t('pos.bank.balance', { amount: yuan(newest.balance) })}
        </p>
      )}
    </section>
  )
}
