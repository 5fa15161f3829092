import type { Role } from '../../api/shapes'
import { expect, test } from 'vitest'
import { homeOf } from '../../app/home'
import { row } from '../../../tests/mock/rows'
import { dayOf } from './day'

test('a day counts the sales that stand, less what was given back', () => {
  const rows = [
    { ...row(0), amount: { minor: 1_000, currency: 156 } },
    { ...row(0), amount: { minor: 500, currency: 156 }, kind: 'refund' as const },
    { ...row(2), amount: { minor: 700, currency: 156 } },
    { ...row(8), amount: { minor: 9_000, currency: 156 } },
  ]
  expect(dayOf(rows)).toEqual({
    count: 1,
    net: 500,
    refunded: 500,
    views: [
      { view: 'approved', count: 3, sum: 10_500 },
      { view: 'unknown', count: 1, sum: 700 },
    ],
  })
})

test.each<[Role, string]>([
  ['cashier', '/merchant'],
  ['merchant_owner', '/merchant'],
  ['operator', '/'],
  ['auditor', '/'],
])('%s begins at %s', (role, path) => {
  expect(homeOf({ role })).toBe(path)
})
