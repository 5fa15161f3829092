import { expect, test } from 'vitest'
import { CNY, minorOf, money } from './money'

test.each([
  [0, CNY, '¥0.00'],
  [5, CNY, '¥0.05'],
  [123456789, CNY, '¥1,234,567.89'],
  [-100000, CNY, '−¥1,000.00'],
  [1500, 392, 'JPY 1,500'],
  [9007199254740991, CNY, '¥90,071,992,547,409.91'],
  [7, 963, '963 (minor) 7'],
])('%i minor units of %i are written %s', (minor, currency, written) => {
  expect(money({ minor, currency })).toBe(written)
})

test('a fraction of a minor unit is refused', () => {
  expect(() => money({ minor: 0.5, currency: CNY })).toThrow(RangeError)
})

test.each([
  ['12', 1200],
  ['12.3', 1230],
  [' 0.29 ', 29],
  ['1.005', null],
  ['-1', null],
  ['', null],
])('what is typed as %j means %j minor units', (text, minor) => {
  expect(minorOf(text)).toBe(minor)
})
