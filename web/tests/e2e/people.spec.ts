import { rrn } from '../mock/rows'
import { CODE, enter, expect, PASSWORD, prefer, test } from './house'

test('one signs in by name, password and code, and goes on where one wanted to go', async ({
  page,
  mock,
}) => {
  await prefer(page, 'en', 'light')
  await page.goto(`${mock.url}/links`)
  await page.getByLabel('Name').fill('lin')
  await page.getByLabel('Password').fill('wrong')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Name, password or code is wrong')).toBeVisible()
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByLabel('One-time code').fill(CODE)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Bank links', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('too many tries are told how long to wait', async ({ page, mock }) => {
  await prefer(page, 'en', 'light')
  await page.goto(`${mock.url}/sign-in`)
  await page.getByLabel('Name').fill('locked')
  await page.getByLabel('Password').fill('x')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/Too many tries. Wait 1 min/)).toBeVisible()
})

test('an address of elsewhere is not gone to after signing in', async ({ page, mock }) => {
  await enter(page, mock, '/sign-in?to=//evil.example/')
  await expect(page).toHaveURL(`${mock.url}/`)
})

test('who may little sees little', async ({ page, mock }) => {
  mock.api.session = { ...mock.api.session, may: ['payments'] }
  mock.pos.here = false
  await enter(page, mock, '/audit')
  await expect(page.getByText('You may not see this page')).toBeVisible()
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText([
    'Overview',
    'Payments',
    'My account',
  ])
  await page.goto(`${mock.url}/payments/${rrn(113)}`)
  await expect(page.getByRole('heading', { name: 'What happened' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Decisions open to you' })).toHaveCount(0)
})

test('who must change the password does so first', async ({ page, mock }) => {
  mock.api.session = { ...mock.api.session, must_change_password: true }
  await enter(page, mock, '/links')
  await expect(page.getByText('Change your password before you go on')).toBeVisible()
  await page.getByLabel('Present password').fill(PASSWORD)
  await page.getByLabel('New password').fill('a longer password')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Your password is changed')).toBeVisible()
})

test('filters stand in the address', async ({ page, mock }) => {
  await enter(page, mock, '/payments?view=unknown')
  await expect(page.getByRole('row')).toHaveCount(13)
  await page.getByLabel('Reference, trace, or last four digits').fill(rrn(112))
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`q=${rrn(112)}&view=unknown`))
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(page.getByRole('row')).toHaveCount(51)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(page.getByRole('row')).toHaveCount(101)
})

for (const [language, field, month, weekday] of [
  ['zh', '起始日', /^\d{4}年/, '一'],
  ['en', 'From', /[A-Z][a-z]{2}/, 'Mo'],
] as const) {
  test(`a day is chosen in the page's language (${language}), and today is Beijing's`, async ({
    page,
    mock,
  }) => {
    // Half past midnight in Beijing; in New York, where the browser stands, it is still the day before.
    await page.clock.setFixedTime('2026-11-22T16:30:00Z')
    await enter(page, mock, '/payments', language)
    await page.getByLabel(field).click()
    const calendar = page.locator('.ant-picker-dropdown')
    await expect(calendar.locator('.ant-picker-header-view')).toHaveText(month)
    await expect(calendar.locator('th').first()).toHaveText(weekday)
    await calendar.locator('.ant-picker-cell-today').click()
    await expect(page.getByLabel(field)).toHaveValue('2026-11-23')
    await page.locator('.filters-go').getByRole('button').first().click()
    await expect(page).toHaveURL(/from=2026-11-23/)
    await expect(page.getByLabel(field)).toHaveValue('2026-11-23')
  })
}

test('a day is typed, too', async ({ page, mock }) => {
  await enter(page, mock, '/payments?to=2026-11-23')
  await expect(page.getByLabel('To', { exact: true })).toHaveValue('2026-11-23')
  await page.getByLabel('From').fill('2026-11-20')
  await page.getByLabel('From').press('Enter')
  await page.getByRole('button', { name: 'Search' }).click()
  await expect(page).toHaveURL(/from=2026-11-20&to=2026-11-23/)
})

test('how the gateway stands is said in the language of the page', async ({ page, mock }) => {
  await enter(page, mock, '/', 'zh')
  await expect(page.locator('.health')).toContainText('运行中')
  await expect(page.locator('.health')).not.toContainText('running')
  mock.api.health = { ...mock.api.health, node: 'stopped: the store has no room' }
  await page.reload()
  await expect(page.locator('.health')).toContainText('未在工作')
  await expect(page.locator('.health')).toContainText('已停止:存储已满')
})

test('a dangerous decision waits for a second person', async ({ page, mock }) => {
  await enter(page, mock, `/payments/${rrn(113)}`)
  await page.getByRole('button', { name: 'Nothing is left to do' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(dialog.getByText('Say why (at least 4 characters)')).toBeVisible()
  await dialog.getByLabel('Reason').fill('agreed with the merchant')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(dialog).toBeHidden()
  await expect(
    page.getByText('lin proposes: Nothing is left to do. Reason: agreed with the merchant'),
  ).toBeVisible()
})

test('a second person approves a proposal', async ({ page, mock }) => {
  await enter(page, mock, '/proposals')
  await page.getByRole('button', { name: 'Approve p-7' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('seen on the statement')
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('button', { name: 'Approve p-7' })).toHaveCount(0)
  await expect(page.getByText('Somebody else must decide')).toBeVisible()
})

test('an order about a link names its giver', async ({ page, mock }) => {
  await enter(page, mock, '/links')
  await page.getByRole('button', { name: 'Order about link icbc' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: /Draining/ }).check()
  await dialog.getByLabel('Reason').fill('the bank asked for it')
  await dialog.getByRole('button', { name: 'Give the order' }).click()
  await expect(page.getByText('Ordered by lin: the bank asked for it')).toBeVisible()
})

test('one-time codes count once a code was given back', async ({ page, mock }) => {
  await enter(page, mock, '/me')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Replace the key' }).click()
  await expect(page.getByRole('img', { name: "QR code of the authenticator's key" })).toBeVisible()
  await page.getByRole('textbox', { name: 'One-time code' }).fill(CODE)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('One-time codes are switched on')).toBeVisible()
})

test('the keyboard reaches the content first', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#content')).toBeFocused()
})

test('language and theme change at once and are kept', async ({ page, mock }) => {
  await enter(page, mock, '/terminals')
  await page.getByRole('button', { name: '中文' }).click()
  await expect(page.getByRole('heading', { name: '终端' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await page.getByRole('combobox', { name: '外观' }).click()
  await page.getByTitle('深色').click()
  await expect(page.locator('html')).toHaveAttribute('data-shade', 'dark')
})

test('times are those of Beijing, wherever the browser stands', async ({ page, mock }) => {
  await enter(page, mock, `/payments/${rrn(114)}`)
  const opened = mock.api.rows.find((each) => each.rrn === rrn(114))?.opened_ms ?? 0
  const beijing = new Date(opened + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  await expect(page.locator('.halves').getByText(beijing)).toBeVisible()
})
