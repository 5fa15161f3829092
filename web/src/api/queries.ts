import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answered, api, Refused } from './client'
import { readOn } from './readOn'
import type { List, PaymentQuery, PaymentRow, Session } from './shapes'

/** Who is signed in; null when nobody is. */
export const session = queryOptions({
  queryKey: ['session'],
  staleTime: Infinity,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await answered(api.GET('/api/session'))
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) {
        return null
      }
      throw error
    }
  },
})

/** Whether this server has the virtual POS; it answers without anybody signed in. */
export const posHere = queryOptions({
  queryKey: ['pos', 'here'],
  staleTime: Infinity,
  retry: false,
  queryFn: async () => (await fetch('/api/pos')).ok,
})

export const payments = (query: PaymentQuery) =>
  infiniteQueryOptions({
    queryKey: ['payments', 'list', query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answered(api.GET('/api/payments', { params: { query: { ...query, ...page(pageParam) } } })),
    getNextPageParam: (last) => last.next,
  })

/** The newest payments, with which the live list begins. */
export const newest = queryOptions({
  queryKey: ['payments', 'newest'],
  queryFn: () => answered(api.GET('/api/payments', { params: { query: { limit: 100 } } })),
})

export const payment = (rrn: string) =>
  queryOptions({
    queryKey: ['payments', 'one', rrn],
    queryFn: () => answered(api.GET('/api/payments/{rrn}', { params: { path: { rrn } } })),
  })

export const slip = (
  rrn: string,
  leg: number,
  language: 'zh' | 'en',
  copy: 'merchant' | 'payer' = 'merchant',
) =>
  queryOptions({
    queryKey: ['payments', 'one', rrn, 'slip', leg, language, copy],
    queryFn: () =>
      answered(
        api.GET('/api/payments/{rrn}/slip', {
          params: { path: { rrn }, query: { leg, language, copy, format: 'text' } },
          parseAs: 'text',
        }),
      ),
  })

/** A merchant's day: its payments since midnight in Beijing, the newest first; `next` says that there are more. */
export const today = (from_ms: number) =>
  queryOptions({
    queryKey: ['payments', 'today', from_ms],
    queryFn: ({ signal }): Promise<List<PaymentRow>> =>
      readOn(MOST_OF_A_DAY, (cursor) => {
        const query = { from_ms, limit: MOST, ...(cursor !== null && { cursor }) }
        return answered(api.GET('/api/payments', { params: { query }, signal }))
      }),
    // A day of many pages is read more seldom: one page in 15 seconds, whatever the day.
    refetchInterval: ({ state }) => 15_000 * Math.max(1, Math.ceil((state.data?.items.length ?? 0) / MOST)),
  })

/** Payments that are unmatched or owe something. */
export const unanswered = queryOptions({
  queryKey: ['payments', 'unanswered'],
  refetchInterval: 15_000,
  queryFn: () => answered(api.GET('/api/payments', { params: { query: { open: true, limit: 200 } } })),
})

export const batches = queryOptions({
  queryKey: ['batches'],
  queryFn: () => answered(api.GET('/api/batches', { params: { query: { limit: 200 } } })),
})

/** Accounts by name. The server picks an owner's cashiers out of pages of all: one may be empty and not the last. */
export const accounts = infiniteQueryOptions({
  queryKey: ['accounts'],
  initialPageParam: null as string | null,
  queryFn: async ({ pageParam }) => {
    let read = await accountsFrom(pageParam)
    while (read.items.length === 0 && read.next !== null) {
      read = await accountsFrom(read.next)
    }
    return read
  },
  getNextPageParam: (last) => last.next,
})

const accountsFrom = (cursor: string | null) =>
  answered(api.GET('/api/accounts', { params: { query: cursor === null ? {} : { cursor } } }))

/** Keys of machines, the newest first. */
export const keys = queryOptions({ queryKey: ['keys'], queryFn: () => answered(api.GET('/api/keys')) })

export const proposals = queryOptions({
  queryKey: ['proposals'],
  queryFn: () => answered(api.GET('/api/proposals')),
})

export const risk = queryOptions({ queryKey: ['risk'], queryFn: () => answered(api.GET('/api/risk')) })

export const links = queryOptions({ queryKey: ['links'], queryFn: () => answered(api.GET('/api/links')) })

export const alarms = queryOptions({ queryKey: ['alarms'], queryFn: () => answered(api.GET('/api/alarms')) })

export const health = queryOptions({
  queryKey: ['health'],
  refetchInterval: 5_000,
  queryFn: () => answered(api.GET('/api/health')),
})

export const terminals = infiniteQueryOptions({
  queryKey: ['terminals'],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam }) => answered(api.GET('/api/terminals', { params: { query: page(pageParam) } })),
  getNextPageParam: (last) => last.next,
})

export const audit = (query: { who?: string; what?: string }) =>
  infiniteQueryOptions({
    queryKey: ['audit', query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answered(api.GET('/api/audit', { params: { query: { ...query, ...page(pageParam) } } })),
    getNextPageParam: (last) => last.next,
  })

const PAGE = 50
/** The most items that the server puts into one answer. */
const MOST = 200
/** The most payments of a day that a shop's page adds up. */
const MOST_OF_A_DAY = 2_000

function page(cursor: string | null): { limit: number; cursor?: string } {
  return cursor === null ? { limit: PAGE } : { limit: PAGE, cursor }
}
