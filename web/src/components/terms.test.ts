import { expect, test } from 'vitest'
import type { useText } from '../app/preferences'
import { text, type Language } from '../i18n/dictionary'
import { actionWord, roleWord } from './terms'

const speaking = (language: Language) =>
  ((key, ...given) => text(language, key, ...given)) as ReturnType<typeof useText>
const [zh, en] = [speaking('zh'), speaking('en')]

test.each([
  ['undone', '银行账簿显示已退回', "The bank's books show it given back"],
  [
    'new account: cashier of 898110253110001',
    '新建账户:收银员,商户 898110253110001',
    'New account: Cashier of 898110253110001',
  ],
  ['new account: auditor', '新建账户:审计', 'New account: Auditor'],
  ['enable account', '启用账户', 'Enable account'],
  ['reset password and codes', '重置密码与验证码', 'Reset password and codes'],
  ['paint the house', 'paint the house', 'paint the house'],
])('what waits as %j is said in both languages', (action, chinese, english) => {
  expect(actionWord(zh, action)).toBe(chinese)
  expect(actionWord(en, action)).toBe(english)
})

test('a role is said in words, and an unknown one keeps its name', () => {
  expect(roleWord(zh, 'merchant_owner')).toBe('店主')
  expect(roleWord(en, 'local')).toBe('local')
})
