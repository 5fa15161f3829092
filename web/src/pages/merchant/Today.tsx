import { useQuery } from '@tanstack/react-query'
import { today } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { useNow } from '../../components/useNow'
import { ViewTag } from '../../components/ViewTag'
import { CNY, money } from '../../format/money'
import { day, startOf } from '../../format/time'
import { dayOf } from './day'

/** Today's sales: the sum, how many, and how they stand. */
export function Today() {
  const t = useText()
  const date = day(useNow())
  const query = useQuery(today(startOf(date) ?? 0))
  return (
    <Panel title={t('today.title')} aside={<span className="soft">{date}</span>} className="merchant-today">
      <Loaded query={query}>
        {({ items, next }) => {
          const { count, net, refunded, views } = dayOf(items)
          return items.length === 0 ? (
            <p className="soft">{t('today.none')}</p>
          ) : (
            <>
              <p className="today-sum figure">{money({ minor: net, currency: CNY })}</p>
              <p className="soft">
                {t('today.sum')} · {t('today.count', { count })}
                {refunded > 0 &&
                  ` · ${t('today.refunded', { amount: money({ minor: refunded, currency: CNY }) })}`}
              </p>
              <ul className="today-views" aria-label={t('today.by_view')}>
                {views.map(({ view, count: each, sum }) => (
                  <li key={view}>
                    <ViewTag view={view} />
                    <span className="figure">× {each}</span>
                    <span className="figure soft">{money({ minor: sum, currency: CNY })}</span>
                  </li>
                ))}
              </ul>
              {next !== null && <p className="soft">{t('today.partly', { count: items.length })}</p>}
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}
