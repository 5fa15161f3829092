import { expect, test } from 'vitest'
import { daysOf, stateOf } from './key'

test.each([
  [{ revoked: false, expires_ms: 1_001 }, 'good'],
  [{ revoked: false, expires_ms: 1_000 }, 'expired'],
  [{ revoked: true, expires_ms: 1_001 }, 'revoked'],
  [{ revoked: true, expires_ms: 1 }, 'revoked'],
])('the key %j is %s', (key, state) => {
  expect(stateOf(key, 1_000)).toBe(state)
})

test.each([
  ['1', 1],
  [' 90 ', 90],
  ['732', 732],
  ['733', null],
  ['0', null],
  ['-1', null],
  ['1.5', null],
  ['', null],
])('%j days are %j', (typed, days) => {
  expect(daysOf(typed)).toBe(days)
})
