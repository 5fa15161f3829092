import type { Account, Batch } from '../../src/api/shop'
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
  const side = (count: number, minor: number) => ({ count, sum: { minor, currency: 156 } })
  const states = ['open', 'settled', 'differs'] as const
  return states.map((state, at) => ({
    merchant: '898110253110001',
    terminal: `1000000${at + 1}`,
    batch: 9 - at,
    state,
    sales: side(31 + at, 412_300 + at * 7_770),
    returns: side(at, at * 1_250),
    opened_ms: BEGAN - at * 3_600_000,
  }))
}
