import type { KeyRow } from '../../api/shapes'
import { DAY_MS } from '../../format/time'

export type KeyState = 'good' | 'expired' | 'revoked'

/** How a key stands at a moment. */
export function stateOf(
  { revoked, expires_ms }: Pick<KeyRow, 'revoked' | 'expires_ms'>,
  now: number,
): KeyState {
  if (revoked) {
    return 'revoked'
  }
  return expires_ms <= now ? 'expired' : 'good'
}

/** How many days a key is to be good, as it was typed; null when the server would not take it. */
export function daysOf(typed: string): number | null {
  const days = /^\s*(\d{1,3})\s*$/.exec(typed)?.[1]
  const found = Number(days ?? 0)
  return found >= 1 && found <= MOST_DAYS ? found : null
}

/** When a key ends that is made at a moment. */
export function endOf(days: number, now: number): number {
  return now + days * DAY_MS
}

/** Two years. */
export const MOST_DAYS = 732
