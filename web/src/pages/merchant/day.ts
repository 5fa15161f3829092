import type { PaymentRow, View } from '../../api/shapes'

export interface Day {
  count: number
  /** Sales that stand, less what was given back for them. */
  net: number
  refunded: number
  views: { view: View; count: number; sum: number }[]
}

/** A day's payments added up; of each currency unit only what stands counts. Minor units. */
export function dayOf(rows: readonly PaymentRow[]): Day {
  const day: Day = { count: 0, net: 0, refunded: 0, views: [] }
  const views = new Map<View, { view: View; count: number; sum: number }>()
  for (const { kind, view, amount } of rows) {
    const known = views.get(view) ?? { view, count: 0, sum: 0 }
    views.set(view, { view, count: known.count + 1, sum: known.sum + amount.minor })
    if (view !== 'approved') {
      continue
    }
    switch (kind) {
      case 'sale':
      case 'completion':
      case 'completion_advice':
      case 'offline_sale':
        day.count += 1
        day.net += amount.minor
        break
      case 'refund':
        day.refunded += amount.minor
        day.net -= amount.minor
        break
      // A void shows in the state of what it voids; the others move no money to the shop.
      case 'void':
      case 'completion_void':
      case 'pre_auth':
      case 'pre_auth_void':
      case 'inquiry':
        break
    }
  }
  return { ...day, views: [...views.values()].sort((one, other) => other.count - one.count) }
}
