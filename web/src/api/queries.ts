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

export const slip = (rrn: string, leg: number, language: 'zh' | 'en') =>
  queryOptions({
    queryKey: ['payments', 'one', rrn, 'slip', leg, language],
    queryFn: () =>
      answered(
        api.GET('/api/payments/{rrn}/slip', {
          params: { path: { rrn }, query: { leg, language, copy: 'merchant', format: 'text' } },
          parseAs: 'text',
        }),
      ),
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
