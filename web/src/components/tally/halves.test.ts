import { expect, test } from 'vitest'
import type { LegIssuer, MerchantHalf } from '../../api/shapes'
import { bankSays, merchantSays } from './halves'

test.each<[LegIssuer, MerchantHalf, boolean]>([
  ['charged', 'has', true],
  ['held', 'has', true],
  ['declined', 'no', true],
  ['returned', 'no', true],
  ['untouched', 'no', true],
  ['charged', 'no', false],
  ['charged', 'told', false],
  ['declined', 'has', false],
  ['unknown', 'waiting', false],
])('a bank half "%s" beside a merchant half "%s" looks alike: %s', (issuer, merchant, alike) => {
  const [bank, shop] = [bankSays(issuer), merchantSays(merchant)]
  expect(bank !== 'unsure' && bank === shop).toBe(alike)
})
