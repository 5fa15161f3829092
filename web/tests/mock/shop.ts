import type { Batch } from '../../src/api/shop'
import { BEGAN } from './rows'

/** A shop's batches. */
export function shopBatches(): Batch[] {
  const cny = (minor: number) => ({ minor, currency: 'CNY' })
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
