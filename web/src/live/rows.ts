import type { PaymentRow } from '../api/shapes'

/** The most rows that are kept of the stream; older payments are found by searching. */
export const MOST_ROWS = 1_000

/** Rows with these changes in them: each payment once, the newest first, no more than `most`. */
export function merge(
  rows: readonly PaymentRow[],
  changed: Iterable<PaymentRow>,
  most = MOST_ROWS,
): readonly PaymentRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const row of changed) {
    byId.set(row.id, row)
  }
  return [...byId.values()].sort(newestFirst).slice(0, most)
}

/** Rows with those of a list under them: what the stream said meanwhile is newer than the list. */
export function seed(rows: readonly PaymentRow[], listed: readonly PaymentRow[]): readonly PaymentRow[] {
  return merge(listed, rows)
}

function newestFirst(one: PaymentRow, other: PaymentRow): number {
  return other.opened_ms - one.opened_ms || (one.id < other.id ? 1 : -1)
}
