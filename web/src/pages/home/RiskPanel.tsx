import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import { risk } from '../../api/queries'
import type { Risk } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { useNow } from '../../components/useNow'
import { useSpan } from '../../components/useSpan'
import { money } from '../../format/money'

const RiskChart = lazy(async () => ({ default: (await import('./RiskChart')).RiskChart }))

/** Money at risk: an amount with an age. */
export function RiskPanel() {
  const t = useText()
  const query = useQuery(risk)
  return (
    <Panel title={t('home.risk')} className="risk">
      <Loaded query={query}>
        {(found) => (
          <div className="risk-body">
            <Now risk={found} />
            <div className="risk-chart">
              <Suspense fallback={null}>
                <RiskChart history={found.history} currency={found.now.amount.currency} />
              </Suspense>
            </div>
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

function Now({ risk: { now } }: { risk: Risk }) {
  const t = useText()
  const span = useSpan()
  const moment = useNow()
  const none = now.count === 0
  return (
    <div>
      <p className={`risk-amount ${none ? 'risk-none' : 'risk-some'}`}>{money(now.amount)}</p>
      <p className="soft">{t(none ? 'home.risk.none' : 'home.risk.explained')}</p>
      <dl className="risk-figures">
        <div>
          <dt>{t('home.risk.count')}</dt>
          <dd>{now.count}</dd>
        </div>
        <div>
          <dt>{t('home.risk.oldest')}</dt>
          <dd>{now.oldest_ms === null ? t('app.none') : span(Math.max(0, moment - now.oldest_ms))}</dd>
        </div>
      </dl>
      {!none && <Link to="/payments?open=1">{t('home.risk.open')}</Link>}
    </div>
  )
}
