import { useQuery } from '@tanstack/react-query'
import { alarms } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { time } from '../../format/time'

/** What somebody should know now, the latest first. */
export function AlarmsPanel() {
  const t = useText()
  const query = useQuery(alarms)
  return (
    <Panel title={t('home.alarms')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="empty">{t('home.alarms.none')}</p>
          ) : (
            <ul className="alarms-list" aria-label={t('home.alarms')} tabIndex={0}>
              {items.map(({ at_ms, what }) => (
                <li key={`${at_ms} ${what}`}>
                  <time className="soft figure" dateTime={new Date(at_ms).toISOString()}>
                    {time(at_ms)}
                  </time>
                  <p>{what}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}
