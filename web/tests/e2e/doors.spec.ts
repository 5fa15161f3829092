import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { text, type Key, type Language } from '../../src/i18n/dictionary'
import { homeOf } from '../../src/app/home'
import type { Session } from '../../src/api/shapes'
import { prefer } from './house'
import { sell } from './till'

// Every role's door, at a real gateway: HEFU_URL, and HEFU_SIGN_INS, the file that a demonstration writes its
// sign-ins to. `cargo xtask browser` brings both.

interface SignIn {
  name: string
  password: string
  role: Session['role']
}

const URL = process.env.HEFU_URL ?? ''
const SIGN_INS = process.env.HEFU_SIGN_INS
const people = SIGN_INS === undefined ? [] : (JSON.parse(readFileSync(SIGN_INS, 'utf8')) as SignIn[])

/** What each role is shown the way to. */
const PLACES: Record<string, readonly Key[]> = {
  cashier: ['nav.merchant', 'nav.payments', 'nav.me', 'nav.pos'],
  merchant_owner: ['nav.merchant', 'nav.payments', 'nav.terminals', 'nav.me', 'nav.pos'],
  service_agent: [
    'nav.home',
    'nav.payments',
    'nav.proposals',
    'nav.links',
    'nav.terminals',
    'nav.me',
    'nav.pos',
  ],
  risk: ['nav.home', 'nav.payments', 'nav.links', 'nav.terminals', 'nav.me', 'nav.pos'],
  finance: ['nav.home', 'nav.payments', 'nav.proposals', 'nav.links', 'nav.me', 'nav.pos'],
  operator: [
    'nav.home',
    'nav.payments',
    'nav.proposals',
    'nav.links',
    'nav.terminals',
    'nav.audit',
    'nav.people',
    'nav.keys',
    'nav.me',
    'nav.pos',
  ],
  auditor: [
    'nav.home',
    'nav.payments',
    'nav.proposals',
    'nav.links',
    'nav.terminals',
    'nav.audit',
    'nav.me',
    'nav.pos',
  ],
}
const GUARDED: readonly [label: Key, path: string][] = [
  ['nav.proposals', '/proposals'],
  ['nav.links', '/links'],
  ['nav.terminals', '/terminals'],
  ['nav.audit', '/audit'],
  ['nav.people', '/people'],
  ['nav.keys', '/keys'],
]
/** Latin words that stand in Chinese texts too. */
const NAMES = /RRN|POS|TOTP|API|Hefu|PIN|PDF|QR|DE\d+|F\d+|SSE|ID/g

test.skip(SIGN_INS === undefined, 'only a real gateway has these doors')

test('there is a sign-in for each role', () => {
  expect(new Set(people.map(({ role }) => role))).toEqual(new Set(Object.keys(PLACES)))
})

for (const language of ['zh', 'en'] as const) {
  for (const role of Object.keys(PLACES)) {
    test(`the door of ${role} (${language})`, async ({ page }) => {
      const t = (key: Key) => text(language, key as 'nav.me')
      const faults = watch(page)
      const person = people.find((one) => one.role === role)
      if (person === undefined) {
        throw new Error(`no sign-in for ${role}`)
      }
      await signIn(page, person, language)
      expect(new globalThis.URL(page.url()).pathname).toBe(homeOf(person))

      const places = PLACES[role] ?? []
      const navigation = page.locator('.navigation a')
      await expect(navigation).toHaveText(places.map(t))
      for (const place of places.filter((key) => key !== 'nav.pos')) {
        await page
          .getByRole('navigation')
          .getByRole('link', { name: t(place), exact: true })
          .click()
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.locator('.ant-skeleton')).toHaveCount(0)
        await expect(page.getByText(t('app.not_allowed'))).toHaveCount(0)
        await speaksOnly(page, language)
      }
      for (const [label, path] of GUARDED.filter(([label]) => !places.includes(label))) {
        await page.goto(URL + path)
        await expect(page.getByText(t('app.not_allowed')), t(label)).toBeVisible()
      }
      expect(faults).toEqual([])
    })
  }
}

test('a wrong password opens nothing, and says so', async ({ page }) => {
  await prefer(page, 'en', 'light')
  await page.goto(`${URL}/links`)
  await page.getByLabel(text('en', 'sign_in.name')).fill('operator')
  await page.getByLabel(text('en', 'sign_in.password')).fill('not the password of anybody')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.locator('.navigation')).toHaveCount(0)
  const refused = await page.request.get(`${URL}/api/links`)
  expect([refused.status(), refused.headers()['content-type']]).toEqual([401, 'application/problem+json'])
})

for (const language of ['zh', 'en'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test(`the payer's page can be used by everybody (${language}, ${theme})`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme })
      await page.setViewportSize({ width: 390, height: 844 })
      const address = await slipOfASale(page)
      for (const path of [address, '/s']) {
        await page.goto(`${URL}${path}?lang=${language}`)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.locator('html')).toHaveAttribute('lang', language === 'zh' ? /^zh/ : /^en/)
        const across = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect(across).toBeLessThanOrEqual(0)
        const { violations } = await new AxeBuilder({ page }).analyze()
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      }
    })
  }
}

async function signIn(page: Page, { name, password }: SignIn, language: Language) {
  await prefer(page, language, 'light')
  await page.goto(`${URL}/`)
  await page.getByLabel(text(language, 'sign_in.name')).fill(name)
  await page.getByLabel(text(language, 'sign_in.password')).fill(password)
  await page.keyboard.press('Enter')
  await expect(page.locator('.navigation')).toBeVisible()
}

/** A page that breaks the content policy or logs an error fails its test; a refused request the browser logs itself. */
function watch(page: Page): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(message.text())
    }
  })
  return faults
}

/** What the page itself says, its data aside, is in one language. */
async function speaksOnly(page: Page, language: Language) {
  const said = await page
    .locator(
      'h1:visible, h2:visible, th:visible, main label:visible, main button:visible, .navigation a:visible',
    )
    .allInnerTexts()
  const foreign = said.filter((words) =>
    language === 'en' ? /\p{Script=Han}/u.test(words) : /[A-Za-z]{2,}/.test(words.replaceAll(NAMES, '')),
  )
  expect(foreign, `on ${page.url()}`).toEqual([])
}

/** Where the payer's phone would go after a sale of the virtual POS. */
async function slipOfASale(page: Page): Promise<string> {
  await sell(page, URL, 2, { price: '1200', card: '0005', how: 'swipe' })
  let address = ''
  await expect
    .poll(async () => {
      const state = await (await page.request.get(`${URL}/api/pos/2`)).text()
      address = /\/s\/[A-Za-z0-9_-]+/.exec(state)?.[0] ?? ''
      return address
    })
    .not.toBe('')
  return address
}
