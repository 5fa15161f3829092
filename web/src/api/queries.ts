import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answered, api, Refused } from './client'
import type { PaymentQuery, Session } from './shapes'

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

/** A merchant's day: its newest payments since midnight in Beijing, as many as one answer holds. */
export const today = (from_ms: number) =>
  queryOptions({
    queryKey: ['payments', 'today', from_ms],
    refetchInterval: 15_000,
    queryFn: () => answered(api.GET('/api/payments', { params: { query: { from_ms, limit: 200 } } })),
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

export const accounts = queryOptions({
  queryKey: ['accounts'],
  queryFn: () => answered(api.GET('/api/accounts')),
})

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

function page(cursor: string | null): { limit: number; cursor?: string } {
  return cursor === null ? { limit: PAGE } : { limit: PAGE, cursor }
}
