import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { alarms, links, newest, risk } from '../api/queries'
import type { Alarm, PaymentRow } from '../api/shapes'
import { LiveFeed, type FeedState } from './feed'
import { openStream } from './stream'

/** The most alarms that are kept here. */
const MOST_ALARMS = 200

/** How long a changed payment's page waits for further changes before it is read anew. */
const SETTLE_MS = 300

/** One live stream for all pages of a signed-in person; none while the account itself must be seen to. */
export function LiveProvider({ open, children }: { open: boolean; children: ReactNode }) {
  const queries = useQueryClient()
  const [feed] = useState(() => new LiveFeed())

  useEffect(() => {
    if (!open) {
      return
    }
    const changed = new Changed(queries)
    const close = openStream({
      payments: (rows) => {
        feed.push(rows)
        changed.note(rows)
      },
      risk: (now) => queries.setQueryData(risk.queryKey, (known) => known && { ...known, now }),
      links: (items) => queries.setQueryData(links.queryKey, { items, next: null }),
      alarm: (alarm) => queries.setQueryData(alarms.queryKey, (known) => known && withAlarm(known, alarm)),
      reset: () => {
        feed.clear()
        void queries.invalidateQueries()
      },
      connection: (state) => {
        feed.connected(state)
        if (state === 'live') {
          // The lists may have been read before the stream was open; between the two nothing may be missed. How much is
          // at risk and how the links stand is told by the stream when it opens.
          void queries.invalidateQueries({ queryKey: newest.queryKey })
          void queries.invalidateQueries({ queryKey: alarms.queryKey })
        }
      },
    })
    return () => {
      close()
      changed.stop()
    }
  }, [feed, open, queries])

  return <Context value={feed}>{children}</Context>
}

/** The live list, and how the stream stands. */
export function useLive(): FeedState {
  const feed = useFeed()
  return useSyncExternalStore(feed.subscribe, feed.read)
}

export function useFeed(): LiveFeed {
  const feed = useContext(Context)
  if (feed === null) {
    throw new Error('the live feed is read outside of its provider')
  }
  return feed
}

const Context = createContext<LiveFeed | null>(null)

/** Has pages of single payments read anew when the stream says that they changed: those that are open, once a while. */
class Changed {
  private readonly rrns = new Set<string>()
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(private readonly queries: QueryClient) {}

  note(rows: readonly PaymentRow[]): void {
    const open = this.queries.getQueryCache().findAll({ queryKey: ['payments', 'one'], type: 'active' })
    const watched = new Set(open.map((query) => query.queryKey[2]))
    for (const row of rows) {
      if (watched.has(row.rrn)) {
        this.rrns.add(row.rrn)
      }
    }
    if (this.rrns.size > 0) {
      this.timer ??= setTimeout(() => this.read(), SETTLE_MS)
    }
  }

  stop(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer)
    }
  }

  private read(): void {
    this.timer = null
    for (const rrn of this.rrns) {
      void this.queries.invalidateQueries({ queryKey: ['payments', 'one', rrn] })
    }
    this.rrns.clear()
  }
}

function withAlarm(known: { items: Alarm[]; next: string | null }, alarm: Alarm) {
  const is = ({ at_ms, what }: Alarm) => at_ms === alarm.at_ms && what === alarm.what
  return known.items.some(is) ? known : { ...known, items: [alarm, ...known.items].slice(0, MOST_ALARMS) }
}
