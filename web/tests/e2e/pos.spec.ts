import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, prefer, test } from './house'

// These tests also run against a real gateway's virtual POS: HEFU_URL=http://127.0.0.1:8080.
const SHOTS = process.env.HEFU_SHOTS ?? 'test-results/shots'
/** A real till's amounts differ from test to test, so that no payment stands in another's way. */
let taken = Math.floor(Date.now() / 1_000) % 900

async function open(page: Page, gateway: string, language = 'en', theme = 'light') {
  await prefer(page, language, theme)
  await page.goto(`${gateway}/pos`)
  await page.locator('.faults-reset').waitFor({ state: 'attached' })
  await page.evaluate(() =>
    fetch('/api/pos/1/reset', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }),
  )
  await expect(page.locator('.screen-title')).toHaveText(/Welcome|欢迎使用/)
}

const screen = (page: Page) => page.getByRole('status', { name: 'Screen' })

async function take(page: Page, card: string, group: string) {
  taken += 1
  for (const digit of `${100 + taken}`) {
    await page.keyboard.press(digit)
  }
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: group }).click()
  await page.getByRole('button', { name: `…${card}` }).click()
  await page.getByRole('button', { name: `Insert card ${card}` }).click()
  await expect(page.locator('.screen-pin')).toBeVisible()
  for (const digit of '123456') {
    await page.keyboard.press(digit)
  }
  await expect(page.locator('.screen-dot-full')).toHaveCount(6)
  await page.keyboard.press('Enter')
}

test('a sale by mouse: amount, card, PIN, slip, and both halves', async ({ page, gateway }) => {
  await open(page, gateway)
  for (const key of ['4', '2', '00', 'Enter']) {
    await page.getByRole('group', { name: 'Keypad' }).getByRole('button', { name: key, exact: true }).click()
  }
  const card = page.getByRole('button', { name: '…0005' })
  const slot = page.getByRole('button', { name: 'Insert card 0005' })
  await expect(slot).toBeEnabled()
  await card.dragTo(slot)
  await expect(page.locator('.screen-pin')).toBeVisible()
  for (const key of '123456') {
    await page.getByRole('group', { name: 'Keypad' }).getByRole('button', { name: key, exact: true }).click()
  }
  await page
    .getByRole('group', { name: 'Keypad' })
    .getByRole('button', { name: 'Enter', exact: true })
    .click()
  await expect(screen(page)).toContainText('Approved')
  await expect(page.locator('.strip')).toBeVisible()
  await expect(page.locator('.present-sum')).toContainText('¥42.00')
  await expect(page.locator('.bubble').last()).toContainText('0005')
  await expect(page.getByRole('listitem').filter({ hasText: 'Pay (done)' })).toBeVisible()
})

test('a one-sided payment is torn, and heals by itself', async ({ page, gateway }) => {
  test.setTimeout(120_000)
  await open(page, gateway)
  await take(page, '0625', 'One-sided')
  await expect(page.locator('.present-apart')).toBeVisible({ timeout: 20_000 })
  await page.screenshot({ path: `${SHOTS}/pos-torn.png`, fullPage: true })
  await expect(page.locator('.present-fits')).toBeVisible({ timeout: 40_000 })
  await expect(page.getByText('Watch it heal (done)')).toBeAttached()
  await page.screenshot({ path: `${SHOTS}/pos-healed.png`, fullPage: true })
})

const WIRES = [
  'Cut the cable',
  'Half-open line',
  'Lose the answer',
  'Lose the request',
  'Corrupt the answer',
  'Corrupt the request',
  'Double the request',
  'Answer 15 s late',
]

test('each switch goes on and off', async ({ page, gateway }) => {
  await open(page, gateway)
  const toggle = async (name: string) => {
    const key = page.getByRole('button', { name })
    await key.click()
    await expect(key).toHaveAttribute('aria-pressed', 'true')
    await key.click()
    await expect(key).toHaveAttribute('aria-pressed', 'false')
  }
  for (const wire of ['POS — gateway', 'Gateway — bank']) {
    await page.getByRole('button', { name: wire }).click()
    for (const name of WIRES) {
      await toggle(name)
    }
  }
  for (const name of ['Pull the power', 'Jam the printer', 'Empty the paper', 'Bank down', 'Bank slow']) {
    await toggle(name)
  }
  const crash = page.getByRole('button', { name: 'Crash the gateway' })
  await crash.click()
  await expect(page.getByText('The gateway is down, back in a moment')).toBeVisible()
  await expect(page.locator('.pos-sign-live')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('listitem').filter({ hasText: 'Break it (done)' })).toBeVisible()
})

test('a till without power is dark, and its keys are dead', async ({ page, gateway }) => {
  await open(page, gateway)
  await page.getByRole('button', { name: 'Pull the power' }).click()
  await expect(screen(page)).toHaveText('Power is off')
  await expect(page.getByRole('group', { name: 'Keypad' }).getByRole('button').first()).toBeDisabled()
  await page.getByRole('button', { name: 'Mend all' }).click()
  await expect(screen(page)).not.toHaveText('Power is off')
})

test('a message is read byte by byte', async ({ page, gateway }) => {
  await open(page, gateway)
  await take(page, '0005', 'Good')
  // A till that was used before shows an older payment: only its screen says that this one was answered.
  await expect(screen(page)).toContainText('Approved')
  await page.getByRole('list', { name: 'Messages, newest first' }).getByRole('button').first().click()
  await page.getByRole('region', { name: 'Fields' }).getByRole('button', { name: /^F39/ }).click()
  await expect(page.locator('.byte-on')).toHaveCount(2)
  await page.locator('.byte').nth(0).click()
  await expect(page.locator('.byte-on')).toHaveCount(2)
  await page.locator('.frames').screenshot({ path: `${SHOTS}/pos-bytes.png` })
})

test('a drill is begun, acted and judged', async ({ page, gateway }) => {
  test.setTimeout(180_000)
  await open(page, gateway)
  await page.getByLabel('Trainee').fill('Li')
  await page.getByRole('button', { name: "Start drill: The bank's answer is lost" }).click()
  const run = page.locator('.run')
  await expect(run).toContainText(/Take \d+\.\d\d/)
  const price = /(\d+)\.(\d\d)/.exec((await run.locator('.run-task').textContent()) ?? '')
  for (const digit of `${price?.[1] ?? ''}${price?.[2] ?? ''}`) {
    await page.keyboard.press(digit)
  }
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Insert card 0005' }).click()
  await expect(page.locator('.screen-pin')).toBeVisible()
  for (const digit of '123456') {
    await page.keyboard.press(digit)
  }
  await page.keyboard.press('Enter')
  await expect(screen(page)).toContainText(/unknown/i, { timeout: 40_000 })
  await run.getByRole('button', { name: 'Hand over the goods', exact: true }).click()
  await expect(run.locator('.run-verdict')).toHaveText(/Not passed/, { timeout: 100_000 })
  await expect(page.locator('.drill-results')).toContainText('Li')
  await page.locator('.drills').screenshot({ path: `${SHOTS}/pos-drill.png` })
  await run.getByRole('button', { name: 'Leave' }).click()
  await expect(run).toHaveCount(0)
})

test('a phone shows the POS first and the rest in tabs', async ({ page, gateway }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await open(page, gateway, 'zh', 'dark')
  for (const [tab, part] of [
    ['故障', '.faults'],
    ['手机与银行', '.phone'],
    ['演练', '.drills'],
    ['报文', '.frames'],
    ['合符', '.middle'],
  ] as const) {
    await page.getByRole('navigation', { name: '页面各部分' }).getByRole('button', { name: tab }).click()
    await expect(page.locator(part)).toBeVisible()
    const across = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(across).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `${SHOTS}/pos-phone${part}.png`, fullPage: true })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  }
})

test('the page bears that its line is lost', async ({ page, mock }) => {
  test.skip(process.env.HEFU_URL !== undefined, 'only the mock can be cut off')
  await open(page, mock.url)
  mock.pos.streams.forEach((stream) => stream.cut())
  await expect(page.locator('.pos-sign-away')).toBeVisible()
  await expect(page.locator('.pos-sign-live')).toBeVisible()
})

test('a server without a POS says so, and shows no way to it', async ({ page, mock }) => {
  test.skip(process.env.HEFU_URL !== undefined, 'a real demonstration has one')
  mock.pos.here = false
  await prefer(page, 'en', 'light')
  await page.goto(`${mock.url}/pos`)
  await expect(page.getByText('This server has no virtual POS')).toBeVisible()
})
