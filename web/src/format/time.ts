/** A moment in Beijing time, wherever the browser stands: `2026-11-23 09:41:07`. */
export function time(ms: number): string {
  return `${day(ms)} ${clock(ms)}`
}

/** The time of day in Beijing: `09:41:07`. */
export function clock(ms: number): string {
  return new Date(ms + BEIJING).toISOString().slice(11, 19)
}

/** The day in Beijing: `2026-11-23`. */
export function day(ms: number): string {
  return new Date(ms + BEIJING).toISOString().slice(0, 10)
}

/** The moment at which a day begins in Beijing; null when the text is no day. */
export function startOf(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return null
  }
  const utc = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(utc) ? null : utc - BEIJING
}

export const DAY_MS = 24 * 3_600_000

/** A length of time in its two largest units. */
export interface Span {
  unit: 'days' | 'hours' | 'minutes' | 'seconds'
  /** So many of the unit, and of the next smaller one. */
  much: number
  rest: string
}

export function span(ms: number): Span {
  const seconds = Math.floor(Math.abs(ms) / 1_000)
  if (seconds >= 86_400) {
    return inUnits('days', seconds, 86_400, 3_600)
  }
  if (seconds >= 3_600) {
    return inUnits('hours', seconds, 3_600, 60)
  }
  return seconds >= 60 ? inUnits('minutes', seconds, 60, 1) : inUnits('seconds', seconds, 1, 1)
}

function inUnits(unit: Span['unit'], seconds: number, size: number, smaller: number): Span {
  const rest = Math.floor((seconds % size) / smaller)
  return { unit, much: Math.floor(seconds / size), rest: String(rest).padStart(2, '0') }
}

/** China keeps one time all year. */
const BEIJING = 8 * 3_600_000
