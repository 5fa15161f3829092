import { expect, test } from 'vitest'
import { dictionary, names, text } from './dictionary'
import { account } from './words/account'
import { desk } from './words/desk'
import { merchant } from './words/merchant'
import { payments } from './words/payments'
import { people } from './words/people'
import { pos } from './words/pos'
import { shell } from './words/shell'
import { vocabulary } from './words/vocabulary'

test.each(Object.entries(dictionary))('%s says the same in both languages', (_, [zh, en]) => {
  expect(zh.trim()).not.toBe('')
  expect(en.trim()).not.toBe('')
  expect(names(zh)).toEqual(names(en))
})

test('no key stands in two parts of the dictionary', () => {
  const parts = [shell, vocabulary, desk, payments, account, pos, merchant, people]
  const keys = parts.flatMap((part) => Object.keys(part))
  expect(keys.length).toBe(Object.keys(dictionary).length)
})

test('a text takes what it is given', () => {
  expect(text('en', 'payment.title', { rrn: '6327Y000000D' })).toBe('Payment 6327Y000000D')
  expect(text('zh', 'app.menu')).toBe('菜单')
})
