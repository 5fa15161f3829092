import { useId } from 'react'
import type { Duty, PaymentRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Due } from '../../components/Due'
import { Tally } from '../../components/tally/Tally'
import { money } from '../../format/money'
import { time } from '../../format/time'

/** The central picture: what each half knows, whether they fit, and what is promised until they do. */
export function Halves({ payment, duties }: { payment: PaymentRow; duties: readonly Duty[] }) {
  const t = useText()
  const id = useId()
  const { issuer, merchant_half, matched, amount, kind, card, merchant, terminal, opened_ms } = payment
  return (
    <section className="panel halves" aria-labelledby={id}>
      <h2 id={id} className="unseen">
        {t('payment.halves')}
      </h2>
      <p className="halves-sum">
        <strong className="figure">{money(amount)}</strong> {t(`kind.${kind}`)} ·{' '}
        <span className="figure">{time(opened_ms)}</span> <span className="soft">{t('time.beijing')}</span>
      </p>
      <div className="halves-half halves-bank">
        <h3>{t('tally.bank')}</h3>
        <p className="halves-word">{t(`issuer.${issuer}`)}</p>
        <p className="code soft">{card}</p>
      </div>
      <div className="halves-stick">
        <Tally issuer={issuer} merchant={merchant_half} matched={matched} size="large" />
        <p className={matched ? 'halves-fit' : 'halves-apart'}>
          <span aria-hidden="true">{matched ? '✓' : '≠'}</span>{' '}
          {t(matched ? 'tally.matched' : 'tally.unmatched')}
        </p>
      </div>
      <div className="halves-half halves-merchant">
        <h3>{t('tally.merchant')}</h3>
        <p className="halves-word">{t(`merchant.${merchant_half}`)}</p>
        <p className="code soft">
          {merchant} / {terminal}
        </p>
      </div>
      <div className="halves-duties">
        <h3 className="unseen">{t('payment.duties')}</h3>
        {duties.length === 0 ? (
          <p className="soft">{t('payment.no_duty')}</p>
        ) : (
          <ul>
            {duties.map((duty) => (
              <li key={`${duty.kind} ${duty.due_ms}`}>
                <Due duty={duty} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}
