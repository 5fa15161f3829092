import type { Page } from '@playwright/test'
import type { PosState } from '../../src/pages/pos/shapes'

interface Sale {
  /** The digits as they are keyed in. */
  price: string
  /** The last four digits. */
  card: string
  how: string
}

/** A sale at a till of a demonstration, key by key, as fast as the till takes them. */
export async function sell(page: Page, url: string, n: number, { price, card, how }: Sale): Promise<void> {
  const till = `${url}/api/pos/${n}`
  const press = async (keys: readonly string[]) => {
    for (const key of keys) {
      await page.request.post(`${till}/press`, { data: { key } })
    }
  }
  const mode = async () => ((await (await page.request.get(till)).json()) as PosState).screen.mode
  /** A till may go another way, as one without power does: then what comes next shows it. */
  const comes = async (wanted: (mode: PosState['screen']['mode']) => boolean) => {
    for (let looks = 0; looks < LOOKS && !wanted(await mode()); looks += 1) {
      await page.waitForTimeout(100)
    }
  }
  await press(['cancel', 'clear', ...Array.from(price), 'enter'])
  await comes((mode) => mode === 'card')
  await page.request.post(`${till}/card`, { data: { card, how } })
  await comes((mode) => mode !== 'card')
  if ((await mode()) === 'pin') {
    await press([...Array.from('123456'), 'enter'])
  }
}

const LOOKS = 50
