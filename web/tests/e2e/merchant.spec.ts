import { dayOf } from '../../src/pages/merchant/day'
import { money } from '../../src/format/money'
import { row } from '../mock/rows'
import { enter, expect, owner, test } from './house'

test('who belongs to a shop begins there', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/')
  await expect(page.getByRole('heading', { name: 'My shop', level: 1 })).toBeVisible()
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText([
    'Shop',
    'Payments',
    'Terminals',
    'My account',
    'Virtual POS',
  ])
})

test('without a demonstration no way leads to the virtual POS', async ({ page, mock }) => {
  mock.pos.here = false
  await enter(page, mock, '/merchant')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Virtual POS' })).toHaveCount(0)
})

test("today's sum is of all payments of the day, to the most that is read", async ({ page, mock }) => {
  const { rows } = mock.api
  const more = (upto: number) => {
    const from = rows.length
    rows.push(...Array.from({ length: upto - from }, (_, no) => row(from + no)))
  }
  more(450)
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  const today = page.getByRole('region', { name: "Today's sales" })
  const { count, net } = dayOf(rows)
  await expect(today).toContainText(`${count} sales`)
  await expect(today).toContainText(money({ minor: net, currency: 156 }))
  await expect(today.getByText(/^Counted over/)).toHaveCount(0)

  more(2_100)
  await page.reload()
  await expect(today.getByText('Counted over the newest 2000 only')).toBeVisible()
  await expect(today).toContainText(`${dayOf(rows.slice(0, 2_000)).count} sales`)
})

test('the shop answers whether the goods were handed over', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  const answers = page.getByRole('region', { name: 'Waiting for your answer' })
  const no = answers.getByRole('button', { name: /^Not handed over/ })
  await expect(no.first()).toBeVisible()
  const before = await no.count()
  await no.first().click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('the customer gets the money back')
  await dialog.getByLabel('Reason').fill('he left without it')
  await dialog.getByRole('button', { name: 'No', exact: true }).click()
  await expect(answers.getByText(/^Recorded:/)).toBeVisible()
  await expect(no).toHaveCount(before - 1)
})

test('a cashier sees the questions, and that the owner answers them', async ({ page, mock }) => {
  mock.api.session = { ...owner(mock.api.session), role: 'cashier', may: ['payments', 'reprint'] }
  await enter(page, mock, '/merchant')
  await expect(page.getByText('The owner answers this').first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Staff' })).toHaveCount(0)
})

test('a slip is shown again, and money given back is never more than was taken', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  await page.getByRole('button', { name: /^Slip/ }).first().click()
  await expect(page.locator('.merchant-slip')).not.toBeEmpty()
  await page.getByRole('button', { name: 'Close' }).click()
  await page
    .getByRole('button', { name: /^Refund/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Amount').fill('999999')
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByLabel('Amount').fill('1.00')
  await dialog.getByLabel('Reason').fill('came back broken')
  await dialog.getByRole('button', { name: 'Refund', exact: true }).click()
  await expect(page.getByText(/^Given back:/)).toBeVisible()
})

test('a refund that is not answered is not called done', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  await page
    .getByRole('button', { name: /^Refund/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Amount').fill('8.88')
  await dialog.getByLabel('Reason').fill('came back broken')
  await dialog.getByRole('button', { name: 'Refund', exact: true }).click()
  await expect(page.getByText(/result unknown. We are checking/)).toBeVisible()
  await expect(page.getByText(/^Given back:/)).toHaveCount(0)
})

test('batches show what was sold and given back, and whether both sides agree', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  const settlement = page.getByRole('region', { name: 'Settlement' })
  await expect(settlement.getByRole('row')).toHaveCount(4)
  await expect(settlement.getByRole('row', { name: /10000003/ })).toContainText('Differs')
})

test('a cashier is added, with a first password that is shown once', async ({ page, mock }) => {
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  await page.getByRole('button', { name: 'Add a cashier' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Full name').fill('Ning')
  await dialog.getByLabel('Name', { exact: true }).fill('ning')
  await dialog.getByRole('button', { name: 'Add a cashier' }).click()
  await expect(page.getByText('first-pass-word')).toBeVisible()
  await page.getByRole('button', { name: 'Disable mei' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('left the shop')
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByRole('button', { name: 'Enable mei' })).toBeVisible()
})
