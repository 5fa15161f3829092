import { expect, test } from 'vitest'
import { personOf, type Given } from './person'

const given: Given = {
  name: 'ning',
  display: 'Ning',
  role: 'cashier',
  merchant: '898110253110001',
  language: 'zh',
  reason: ' new at\nthe till ',
}

test('a person of a shop has its merchant, and nobody else has one', () => {
  expect(personOf(given).merchant).toBe('898110253110001')
  expect(personOf({ ...given, role: 'merchant_owner' }).merchant).toBe('898110253110001')
  // Typed before another role was chosen.
  expect(personOf({ ...given, role: 'auditor' }).merchant).toBeNull()
})

test('a reason goes in one line', () => {
  expect(personOf(given).reason).toBe('new at the till')
})
