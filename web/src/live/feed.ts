import type { PaymentRow } from '../api/shapes'
import { merge, MOST_ROWS, seed } from './rows'

export type Connection = 'connecting' | 'live' | 'lost'

export interface FeedState {
  rows: readonly PaymentRow[]
  connection: Connection
  /** How many payments have changed while the list is held still; null when it moves. */
  held: number | null
}

/**
 * The live list, outside of React: however many events arrive, the pages hear of at most one change a frame. While
 * nobody looks (no frames are drawn) or the list is held still, what waits is bounded as well.
 */
export class LiveFeed {
  private state: FeedState = { rows: [], connection: 'connecting', held: null }
  private readonly waiting = new Map<string, PaymentRow>()
  private readonly listeners = new Set<() => void>()
  private frame: number | null = null

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly read = (): FeedState => this.state

  push(changed: readonly PaymentRow[]): void {
    for (const row of changed) {
      // Taken out first, so that the one whose change is oldest is the first of the map.
      this.waiting.delete(row.id)
      this.waiting.set(row.id, row)
    }
    for (const id of this.waiting.keys()) {
      if (this.waiting.size <= MOST_ROWS) {
        break
      }
      this.waiting.delete(id)
    }
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.flush()
    })
  }

  seed(listed: readonly PaymentRow[]): void {
    this.set({ rows: seed(this.state.rows, listed) })
  }

  connected(connection: Connection): void {
    if (connection !== this.state.connection) {
      this.set({ connection })
    }
  }

  hold(still: boolean): void {
    this.set({ held: still ? 0 : null })
    this.flush()
  }

  /** Forgets all rows: too much was missed, and the list is read anew. */
  clear(): void {
    this.waiting.clear()
    this.set({ rows: [] })
  }

  private flush(): void {
    if (this.waiting.size === 0) {
      return
    }
    if (this.state.held !== null) {
      this.set({ held: this.waiting.size })
      return
    }
    const rows = merge(this.state.rows, this.waiting.values())
    this.waiting.clear()
    this.set({ rows })
  }

  private set(change: Partial<FeedState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) {
      listener()
    }
  }
}
