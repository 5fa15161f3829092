import { expect, test } from 'vitest'
import { readOn } from './readOn'
import type { List } from './shapes'

/** A list of so many numbers, two a page. */
function pages(count: number) {
  const asked: (string | null)[] = []
  const read = (cursor: string | null): Promise<List<number>> => {
    asked.push(cursor)
    const from = Number(cursor ?? 0)
    const items = [from, from + 1].filter((item) => item < count)
    return Promise.resolve({ items, next: from + 2 < count ? String(from + 2) : null })
  }
  return { asked, read }
}

test('a list is read to its end', async () => {
  const { asked, read } = pages(5)
  expect(await readOn(10, read)).toEqual({ items: [0, 1, 2, 3, 4], next: null })
  expect(asked).toEqual([null, '2', '4'])
})

test('a list that is too long is read in part, and says so', async () => {
  const { asked, read } = pages(100)
  expect(await readOn(4, read)).toEqual({ items: [0, 1, 2, 3], next: '4' })
  expect(asked).toEqual([null, '2'])
})

test('a list that is exactly as long as may be is whole', async () => {
  expect((await readOn(4, pages(4).read)).next).toBeNull()
})

test('an empty list is asked for once', async () => {
  const { asked, read } = pages(0)
  expect(await readOn(4, read)).toEqual({ items: [], next: null })
  expect(asked).toEqual([null])
})
