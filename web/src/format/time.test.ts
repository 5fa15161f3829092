import { expect, test } from 'vitest'
import { span, startOf, time } from './time'

test('a moment is shown in Beijing time, past midnight too', () => {
  expect(time(Date.UTC(2026, 10, 22, 17, 41, 7))).toBe('2026-11-23 01:41:07')
})

test('a day begins at midnight in Beijing', () => {
  expect(startOf('2026-11-23')).toBe(Date.UTC(2026, 10, 22, 16))
  expect(startOf('2026-11-2')).toBeNull()
  expect(startOf('2026-13-40')).toBeNull()
})

test.each([
  [900, 'seconds', 0, '00'],
  [59_000, 'seconds', 59, '00'],
  [-61_000, 'minutes', 1, '01'],
  [3_660_000, 'hours', 1, '01'],
  [90_000_000, 'days', 1, '01'],
])('%i ms is a span in %s', (ms, unit, much, rest) => {
  expect(span(ms)).toEqual({ unit, much, rest })
})
