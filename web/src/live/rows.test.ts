import { expect, test } from 'vitest'
import type { PaymentRow } from '../api/shapes'
import { merge, MOST_ROWS, seed } from './rows'

test('a changed payment takes its own place, once', () => {
  const rows = merge([], [row('a', 1), row('b', 2)])
  const changed = merge(rows, [row('a', 1, 'returned')])
  expect(changed.map(({ id, view }) => [id, view])).toEqual([
    ['b', 'approved'],
    ['a', 'returned'],
  ])
})

test('of several changes of one payment in a burst the last one stands', () => {
  const rows = merge([], [row('a', 1, 'processing'), row('a', 1, 'unknown'), row('a', 1, 'returning')])
  expect(rows.map(({ view }) => view)).toEqual(['returning'])
})

test('memory is bounded, and it is the oldest that go', () => {
  const burst = Array.from({ length: 5_000 }, (_, at) => row(String(at), at))
  let rows: readonly PaymentRow[] = []
  for (let at = 0; at < burst.length; at += 50) {
    rows = merge(rows, burst.slice(at, at + 50))
  }
  expect(rows.length).toBe(MOST_ROWS)
  expect(rows[0]?.id).toBe('4999')
  expect(rows.at(-1)?.id).toBe(String(5_000 - MOST_ROWS))
})

test('merging twice changes nothing more', () => {
  const changes = [row('a', 1), row('b', 1), row('c', 3)]
  const once = merge([], changes)
  expect(merge(once, changes)).toEqual(once)
})

test('a list that was read before a change does not undo it', () => {
  const rows = merge([], [row('a', 1, 'returned')])
  expect(seed(rows, [row('a', 1, 'unknown'), row('z', 0)]).map(({ view }) => view)).toEqual([
    'returned',
    'approved',
  ])
})

function row(id: string, opened_ms: number, view: PaymentRow['view'] = 'approved'): PaymentRow {
  return {
    id,
    rrn: id,
    opened_ms,
    merchant: '898110253110001',
    terminal: '10000001',
    card: '620000******0005',
    kind: 'sale',
    amount: { minor: 100, currency: 156 },
    view,
    issuer: 'charged',
    merchant_half: 'has',
    direction: 'keep',
    matched: true,
    duty: null,
    legs: 1,
    link: 1,
    at_risk: 0,
  }
}
