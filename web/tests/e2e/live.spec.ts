import { row } from '../mock/rows'
import { enter, expect, test } from './house'

test('the live list keeps up with 500 payments a second, and draws only what can be seen', async ({
  page,
  mock,
}) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  // 5,000 changes in ten seconds: ten events a second of 50 rows, each payment seen twice.
  const beats = 100
  for (let beat = 0; beat < beats; beat += 1) {
    const rows = Array.from({ length: 50 }, (_, at) =>
      row(
        1_000 + beat * 25 + (at % 25),
        at < 25 ? ['processing', 'unknown', 'waiting'] : ['approved', 'charged', 'has'],
      ),
    )
    mock.stream.tell('payments', rows)
    await page.waitForTimeout(100)
  }
  const list = page.getByRole('region', { name: 'Payments as they happen' })
  await expect(list.getByRole('link').first()).toHaveText(row(1_000 + beats * 25 - 1).rrn, { timeout: 2_000 })
  expect(await list.getByRole('listitem').count()).toBeLessThan(60)
  // Not in order of their halves: what was said last stands.
  await expect(list.getByText('Processing')).toHaveCount(0)
})

test('a list that is held still stands still, and says how much has changed', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  const list = page.getByRole('region', { name: 'Payments as they happen' })
  const first = await list.getByRole('link').first().textContent()
  await page.getByRole('button', { name: 'Pause' }).click()
  mock.stream.tell('payments', [row(500), row(501)])
  const go = page.getByRole('button', { name: 'Go on (2 changed)' })
  await expect(go).toBeVisible()
  await expect(list.getByRole('link').first()).toHaveText(first ?? '')
  await go.click()
  await expect(list.getByRole('link').first()).toHaveText(row(501).rrn)
})

test('a broken line is taken up where it broke: what was missed arrives', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  const first = page.getByRole('region', { name: 'Payments as they happen' }).getByRole('link').first()
  mock.stream.tell('payments', [row(600)])
  await expect(first).toHaveText(row(600).rrn)
  mock.stream.cut()
  mock.stream.tell('payments', [row(601)])
  await expect(first).toHaveText(row(601).rrn)
  await expect(page.locator('.live-live')).toBeVisible()
})

test('a line that broke before it told anything has the lists read anew', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  const first = page.getByRole('region', { name: 'Payments as they happen' }).getByRole('link').first()
  await expect(first).toHaveText(row(119).rrn)
  mock.stream.cut()
  await expect(page.locator('.live-lost')).toBeVisible()
  mock.api.rows.unshift(row(601))
  await expect(first).toHaveText(row(601).rrn)
})

test('who missed too much reads the lists anew', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  const list = page.getByRole('region', { name: 'Payments as they happen' })
  await expect(list.getByRole('link').first()).toHaveText(row(119).rrn)
  mock.api.rows.unshift(row(700))
  mock.stream.tell('reset', {})
  await expect(list.getByRole('link').first()).toHaveText(row(700).rrn)
})

test('money at risk, links and alarms move without being asked', async ({ page, mock }) => {
  await enter(page, mock)
  await expect(page.locator('.live-live')).toBeVisible()
  await expect(page.getByText('¥12,846.30')).toBeVisible()
  mock.stream.tell('risk', { amount: { minor: 0, currency: 'CNY' }, count: 0, oldest_ms: null })
  await expect(page.getByText('Every tally is matched')).toBeVisible()
  const alarm = { at_ms: Date.now(), what: 'the disk is low' }
  mock.api.alarms.unshift(alarm)
  mock.stream.tell('alarm', alarm)
  await expect(page.getByText('the disk is low')).toBeVisible()
})
