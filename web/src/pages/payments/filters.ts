import { VIEWS, type PaymentQuery } from '../../api/shapes'
import { minorOf } from '../../format/money'
import { DAY_MS, startOf } from '../../format/time'

/** The filters as they stand in the address: text, as it was typed. */
export interface Filters {
  q?: string
  view?: string
  merchant?: string
  terminal?: string
  card?: string
  amount?: string
  from?: string
  to?: string
  open?: string
}

const NAMES = ['q', 'view', 'merchant', 'terminal', 'card', 'amount', 'from', 'to', 'open'] as const

export function filtersOf(search: URLSearchParams): Filters {
  const filters: Filters = {}
  for (const name of NAMES) {
    const value = search.get(name)?.trim()
    if (value) {
      filters[name] = value
    }
  }
  return filters
}

/** What to write into the address: only what is filtered by. */
export function searchOf(filters: Filters): Record<string, string> {
  const search: Record<string, string> = {}
  for (const name of NAMES) {
    const value = filters[name]?.trim()
    if (value) {
      search[name] = value
    }
  }
  return search
}

/** What to ask the server. A filter that cannot be understood is left out; its field says so. */
export function queryOf(filters: Filters): PaymentQuery {
  const { q, merchant, terminal, card } = filters
  const to = startOf(filters.to ?? '')
  const query: PaymentQuery = {
    q,
    merchant,
    terminal,
    card,
    view: VIEWS.find((view) => view === filters.view),
    amount: minorOf(filters.amount ?? '') ?? undefined,
    from_ms: startOf(filters.from ?? '') ?? undefined,
    // The last day counts in full.
    to_ms: to === null ? undefined : to + DAY_MS,
    open: filters.open === '1' ? true : undefined,
  }
  return query
}
