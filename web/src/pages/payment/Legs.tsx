import type { Leg } from '../../api/shapes'
import { useText, useWords } from '../../app/preferences'
import { Due } from '../../components/Due'
import { Panel } from '../../components/Panel'
import { Tally } from '../../components/tally/Tally'
import { ViewTag } from '../../components/ViewTag'
import { money } from '../../format/money'

/** Each transaction of the payment: a sale, its void, its refunds. */
export function Legs({ legs }: { legs: readonly Leg[] }) {
  const t = useText()
  return (
    <Panel title={t('payment.legs')}>
      {legs.map((leg) => (
        <LegFacts key={leg.leg} leg={leg} />
      ))}
    </Panel>
  )
}

function LegFacts({ leg }: { leg: Leg }) {
  const t = useText()
  const words = useWords()
  return (
    <article className="leg">
      <div className="leg-head">
        <h3>
          {t('payment.leg', { no: leg.leg + 1 })} · {t(`kind.${leg.kind}`)}
        </h3>
        <Tally issuer={leg.issuer} merchant={leg.merchant_half} matched={leg.matched} />
        <ViewTag view={leg.view} />
      </div>
      <dl className="facts">
        <dt>{t('payments.rrn')}</dt>
        <dd className="code">
          {leg.rrn}
          {leg.of !== null && <span className="soft"> {t('payment.leg.of', { no: leg.of + 1 })}</span>}
        </dd>
        <dt>{t('payments.amount')}</dt>
        <dd className="figure">
          {money(leg.amount)}
          {leg.asked.minor !== leg.amount.minor && ` (${t('payment.asked')} ${money(leg.asked)})`}
        </dd>
        <dt>{t('payment.trace')}</dt>
        <dd className="code">
          {six(leg.batch)} / {six(leg.trace)}
        </dd>
        <dt>{t('payment.direction')}</dt>
        <dd>{t(`direction.${leg.direction}`)}</dd>
        {leg.why !== null && (
          <>
            <dt>{t('payment.why')}</dt>
            <dd>{leg.why_words ? words(leg.why_words) : leg.why}</dd>
          </>
        )}
        {leg.told !== null && (
          <>
            <dt>{t('payment.told')}</dt>
            <dd className="code">{leg.told}</dd>
          </>
        )}
        {leg.auth !== null && (
          <>
            <dt>{t('payment.auth')}</dt>
            <dd className="code">{leg.auth}</dd>
          </>
        )}
        {leg.duties.map((duty) => (
          <LegDuty key={`${duty.kind} ${duty.due_ms}`} duty={duty} />
        ))}
      </dl>
    </article>
  )
}

function LegDuty({ duty }: { duty: Leg['duties'][number] }) {
  const t = useText()
  return (
    <>
      <dt>{t('payments.duty')}</dt>
      <dd>
        <Due duty={duty} />
      </dd>
    </>
  )
}

function six(number: number): string {
  return String(number).padStart(6, '0')
}
