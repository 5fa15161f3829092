import type { List } from './shapes'

/** Reads a list page after page, to its end or until there are `most` items; `next` then says that there are more. */
export async function readOn<Item>(
  most: number,
  read: (cursor: string | null) => Promise<List<Item>>,
): Promise<List<Item>> {
  const items: Item[] = []
  let next: string | null = null
  do {
    const page = await read(next)
    items.push(...page.items)
    next = page.next
  } while (next !== null && items.length < most)
  return { items, next }
}
