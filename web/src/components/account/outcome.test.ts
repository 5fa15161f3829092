import { expect, test } from 'vitest'
import { toldOf } from './outcome'

test('a first password is told, and that it holds only when a second person has agreed', () => {
  expect(toldOf('ning', { password: 'p' })).toEqual({ name: 'ning', password: 'p', proposal: null })
  expect(toldOf('ning', { password: 'p', proposal: '9' })).toEqual({
    name: 'ning',
    password: 'p',
    proposal: '9',
  })
})

test('a proposal without a password is told, and what was simply done is not', () => {
  expect(toldOf('ning', { proposal: '9' })).toEqual({ name: 'ning', password: null, proposal: '9' })
  expect(toldOf('ning', undefined)).toBeNull()
})
