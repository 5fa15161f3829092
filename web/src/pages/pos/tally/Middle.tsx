import { useText, useWords } from '../../../app/preferences'
import { Tally } from '../../../components/tally/Tally'
import { useNow } from '../../../components/useNow'
import { ViewTag } from '../../../components/ViewTag'
import { clock } from '../../../format/time'
import { countdown, gatewayNow } from '../clocks'
import { useStage } from '../context'
import type { PosPayment } from '../shapes'
import { yuan } from '../yuan'
import { Books } from './Books'

/** The present payment as two halves, with what Hefu must do and until when. */
export function Middle() {
  const t = useText()
  const { state } = useStage()
  const { payment } = state
  const risk = state.payments.reduce((sum, { at_risk }) => sum + at_risk, 0)
  return (
    <section className="middle" aria-labelledby="middle-title">
      <header className="middle-head">
        <h2 id="middle-title">{t('pos.tally')}</h2>
        <p className={risk > 0 ? 'middle-risk middle-risk-some' : 'middle-risk'}>
          {t('pos.tally.risk')} <strong className="figure">{yuan(risk)}</strong>
        </p>
      </header>
      {payment === null ? (
        <Nothing />
      ) : (
        <>
          <Present payment={payment} />
          <Books payment={payment} />
          <Earlier payments={state.payments.slice(1, 7)} />
        </>
      )}
    </section>
  )
}

function Nothing() {
  const t = useText()
  return (
    <div className="middle-none">
      <Tally issuer="untouched" merchant="no" matched size="large" />
      <p className="soft">{t('pos.tally.none')}</p>
    </div>
  )
}

const FIT_SIGN = { fits: '✓', told: '…', apart: '≠' } as const

function Present({ payment }: { payment: PosPayment }) {
  const t = useText()
  const words = useWords()
  const { issuer, merchant, matched, view } = payment
  const fit = matched ? 'fits' : view === 'approved' ? 'told' : 'apart'
  return (
    <div className={`present present-${view}`}>
      <p className="present-sum">
        <strong className="figure">{yuan(payment.amount)}</strong> <span>{words(payment.kind_words)}</span>{' '}
        <ViewTag view={view} />
      </p>
      <div className="present-halves">
        <div className="present-half">
          <h3>{t('pos.tally.bank')}</h3>
          <p>{words(payment.issuer_words)}</p>
          <p className="figure soft">{payment.charged > 0 && yuan(payment.charged - payment.returned)}</p>
        </div>
        <Tally issuer={issuer} merchant={merchant} matched={matched} size="large" />
        <div className="present-half present-shop">
          <h3>{t('pos.tally.shop')}</h3>
          <p>{words(payment.merchant_words)}</p>
          <p className="figure soft">{payment.sale > 0 && yuan(payment.sale)}</p>
        </div>
      </div>
      <p className={`present-${fit}`} role="status">
        <span aria-hidden="true">{FIT_SIGN[fit]}</span> {t(`pos.tally.${fit}`)} ·{' '}
        {words(payment.direction_words)}
      </p>
      <Duties payment={payment} />
    </div>
  )
}

/** What is promised, each with a clock of the gateway's time. */
function Duties({ payment }: { payment: PosPayment }) {
  const t = useText()
  const words = useWords()
  const { state, heard_ms } = useStage()
  const now = gatewayNow(state.now_ms, heard_ms, useNow(), state.scale)
  if (payment.duties.length === 0) {
    return (
      <p className="duties duties-none">
        <span aria-hidden="true">✓</span> {t('pos.duty.none')}
      </p>
    )
  }
  return (
    <ul className="duties" aria-label={t('pos.duty')}>
      {payment.duties.map((duty) => {
        const left = duty.due_ms - now
        return (
          <li key={`${duty.kind} ${duty.leg}`}>
            <span>
              <span className="soft">{t('pos.duty')}:</span> {words(duty.words)}
            </span>
            <time className="duty-clock" dateTime={new Date(duty.due_ms).toISOString()}>
              {left <= 0 ? t('pos.duty.late') : countdown(left)}
            </time>
          </li>
        )
      })}
    </ul>
  )
}

function Earlier({ payments }: { payments: readonly PosPayment[] }) {
  const t = useText()
  if (payments.length === 0) {
    return null
  }
  return (
    <div className="earlier">
      <h3>{t('pos.before')}</h3>
      <ul>
        {payments.map((payment) => (
          <li key={payment.id}>
            <Tally issuer={payment.issuer} merchant={payment.merchant} matched={payment.matched} />
            <span className="figure soft">{clock(payment.opened_ms)}</span>
            <span className="figure">{yuan(payment.amount)}</span>
            <ViewTag view={payment.view} />
          </li>
        ))}
      </ul>
    </div>
  )
}
