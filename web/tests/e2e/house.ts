import { test as base, expect, type Page } from '@playwright/test'
import { CODE, PASSWORD } from '../mock/api'
import { openMock, type Mock } from '../mock/server'

/** Tests with a mock gateway of their own. A page that breaks the content policy or logs an error fails its test. */
export const test = base.extend<{ mock: Mock }>({
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
