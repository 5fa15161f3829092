import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Button } from 'antd'
import { useEffect, useRef } from 'react'
import { newest } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Panel } from '../../components/Panel'
import { useFeed, useLive } from '../../live/LiveProvider'
import './live.css'
import { LiveRow } from './LiveRow'

/** Payments as they happen. Only the rows that can be seen are drawn, however many arrive. */
export function LivePanel() {
  const t = useText()
  const feed = useFeed()
  const { rows, held } = useLive()
  const { data, dataUpdatedAt } = useQuery(newest)
  useEffect(() => {
    if (data !== undefined) {
      feed.seed(data.items)
    }
    // A list that was read anew counts even if it says the same: the feed may have been cleared meanwhile.
  }, [data, dataUpdatedAt, feed])
  return (
    <Panel
      title={t('home.stream')}
      className="live"
      aside={
        <Button size="small" aria-pressed={held !== null} onClick={() => feed.hold(held === null)}>
          {held === null ? t('live.pause') : t('live.resume', { count: held })}
        </Button>
      }
    >
      {rows.length === 0 ? <p className="empty">{t('home.stream.empty')}</p> : <Rows />}
    </Panel>
  )
}

function Rows() {
  const t = useText()
  const { rows } = useLive()
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 37,
    getItemKey: (at) => rows[at]?.id ?? at,
    overscan: 6,
  })
  return (
    <div ref={frame} className="live-frame" role="region" aria-label={t('home.stream')} tabIndex={0}>
      <ul className="live-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index]
          return (
            row && (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="live-place"
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start}px)` }}
              >
                <LiveRow row={row} />
              </li>
            )
          )
        })}
      </ul>
    </div>
  )
}
