import { expect, test } from 'vitest'
import { filtersOf, queryOf, searchOf } from './filters'

test('the address holds the filters and gives them back', () => {
  const search = new URLSearchParams('q=0005&view=unknown&open=1&other=x&card=')
  const filters = filtersOf(search)
  expect(filters).toEqual({ q: '0005', view: 'unknown', open: '1' })
  expect(searchOf({ ...filters, merchant: ' ' })).toEqual({ q: '0005', view: 'unknown', open: '1' })
})

test('days are whole days in Beijing, and amounts whole minor units', () => {
  const query = queryOf({ from: '2026-11-23', to: '2026-11-23', amount: '12.3' })
  expect(query.from_ms).toBe(Date.UTC(2026, 10, 22, 16))
  expect(query.to_ms).toBe(Date.UTC(2026, 10, 23, 16))
  expect(query.amount).toBe(1230)
})

test('what cannot be understood is not asked for', () => {
  const query = queryOf({ view: 'failed', amount: 'many', from: 'today' })
  expect(JSON.stringify(query)).toBe('{}')
})
