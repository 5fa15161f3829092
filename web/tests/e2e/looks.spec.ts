import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { rrn } from '../mock/rows'
import { enter, expect, owner, prefer, test } from './house'

const PAGES: readonly [name: string, path: string][] = [
  ['sign-in', '/sign-in'],
  ['home', '/'],
  ['payments', '/payments'],
  ['payments-day', `/payments?q=${rrn(113)}`],
  ['payment-apart', `/payments/${rrn(113)}`],
  ['payment-matched', `/payments/${rrn(114)}`],
  ['links', '/links'],
  ['terminals', '/terminals'],
  ['audit', '/audit'],
  ['proposals', '/proposals'],
  ['people', '/people'],
  ['people-add', '/people'],
  ['people-told', '/people'],
  ['keys', '/keys'],
  ['keys-make', '/keys'],
  ['me', '/me'],
  ['merchant', '/merchant'],
  ['pos', '/pos'],
]
/** What is opened on a page before it is looked at. */
const OPENED: Partial<Record<string, (page: Page) => Promise<void>>> = {
  'payments-day': async (page) => {
    await page.locator('.ant-picker input').first().click()
    await expect(page.locator('.ant-picker-cell-today')).toBeVisible()
  },
  'people-add': async (page) => {
    await page.locator('.page-head button').click()
    await page.getByRole('dialog').getByRole('radio').first().check()
  },
  'people-told': async (page) => {
    await page.getByRole('button', { name: /zhao/ }).last().click()
    await page.getByRole('dialog').locator('textarea').fill('lost the telephone')
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await expect(page.locator('.shown-once')).toBeVisible()
  },
  'keys-make': (page) => page.locator('.page-head button').click(),
}
const WIDTHS = { desk: { width: 1360, height: 900 }, phone: { width: 390, height: 844 } }
const SHOTS = process.env.HEFU_SHOTS ?? 'test-results/shots'

for (const [name, path] of PAGES) {
  for (const language of ['zh', 'en']) {
    for (const theme of ['light', 'dark']) {
      test(`${name} can be used by everybody (${language}, ${theme})`, async ({ page, mock }) => {
        if (name === 'merchant') {
          mock.api.session = owner(mock.api.session)
        }
        if (name === 'sign-in') {
          await prefer(page, language, theme)
          await page.goto(mock.url + path)
        } else {
          await enter(page, mock, path, language, theme)
        }
        await OPENED[name]?.(page)
        for (const [width, size] of Object.entries(WIDTHS)) {
          await page.setViewportSize(size)
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
          await expect(page.locator('.ant-skeleton')).toHaveCount(0)
          if (name === 'pos') {
            await page
              .getByRole('button', { name: 'Swipe' })
              .or(page.getByRole('button', { name: '刷卡' }))
              .first()
              .waitFor()
          }
          if (name === 'home') {
            await expect(page.locator('.chart-canvas canvas')).toBeVisible()
          }
          const across = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          expect(across, 'nothing runs out of the page sideways').toBeLessThanOrEqual(0)
          await page.screenshot({
            path: `${SHOTS}/${name}-${language}-${theme}-${width}.png`,
            fullPage: true,
          })
          const { violations } = await new AxeBuilder({ page }).analyze()
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
        }
      })
    }
  }
}
