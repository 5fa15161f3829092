import type { Batch } from '../../src/api/shapes'
import { BEGAN } from './rows'

/** A shop's batches. */
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
