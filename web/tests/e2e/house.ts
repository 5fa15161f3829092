import { test as base, expect, type Page } from '@playwright/test'
import type { Session } from '../../src/api/shapes'
import { CODE, PASSWORD } from '../mock/api'
import { openMock, type Mock } from '../mock/server'

/** Tests with a mock gateway of their own. A page that breaks the content policy or logs an error fails its test. */
export const test = base.extend<{ mock: Mock; gateway: string }>({
  /** A real gateway with its virtual POS (`HEFU_URL`), or the mock. */
  gateway: async ({ mock }, give) => {
    await give(process.env.HEFU_URL ?? mock.url)
  },

  mock: async ({ page }, give) => {
    const mock = await openMock()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      // A refused request is logged by the browser itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        faults.push(message.text())
      }
    })
    await give(mock)
    await mock.close()
    expect(faults).toEqual([])
  },
})

export { expect }

/** Goes to a page in a language and a theme, through the door. */
export async function enter(page: Page, mock: Mock, path = '/', language = 'en', theme = 'light') {
  await prefer(page, language, theme)
  mock.api.session = { ...mock.api.session, totp: false }
  const response = await page.request.post(`${mock.url}/api/session`, {
    data: { name: 'lin', password: PASSWORD },
  })
  expect(response.status()).toBe(200)
  mock.api.session = { ...mock.api.session, totp: true }
  await page.goto(mock.url + path)
}

/** The same person as the owner of a shop. */
export function owner(session: Session): Session {
  const may: Session['may'] = ['payments', 'reprint', 'decide', 'refund', 'terminals', 'staff', 'drill']
  return { ...session, role: 'merchant_owner', merchant: '898110253110001', may }
}

export async function prefer(page: Page, language: string, theme: string) {
  await page.addInitScript(
    ([speech, look]) => {
      localStorage.setItem('hefu.language', speech ?? 'en')
      localStorage.setItem('hefu.theme', look ?? 'light')
    },
    [language, theme],
  )
}

export { CODE, PASSWORD }
