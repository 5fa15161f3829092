import type { Batch } from '../../src/api/paths'
import type { Account } from '../../src/api/shapes'
import { BEGAN } from './rows'

/** A shop's cashiers and batches. */
export function cashier(name: string, display: string, other: Partial<Account>): Account {
  return {
    name,
    display,
    role: 'cashier',
    merchant: '898110253110001',
    language: 'zh',
    must_change_password: false,
    totp: false,
    demo: false,
    disabled: false,
    created_ms: BEGAN,
    ...other,
  }
}

export function shopBatches(): Batch[] {
  const cny = (minor: number) => ({ minor, currency: 156 })
  const states = ['open', 'settled', 'differs', 'paid'] as const
  return states.map((state, at) => ({
    terminal: '10000001',
    batch: 9 - at,
    opened_ms: BEGAN - at * 86_400_000,
    count: 31 + at,
    sum: cny(412_300 + at * 7_770),
    fee: state === 'open' ? null : cny(2_474 + at * 46),
    state,
  }))
}
