/** The gateway's moment, from what it said last and how long ago that was here; its time may run faster. */
export function gatewayNow(said_ms: number, heard_ms: number, here_ms: number, scale: number): number {
  return said_ms + Math.max(0, here_ms - heard_ms) * scale
}

/** What a countdown shows: `0:07`, `12:40`, `3:05:00`; nothing below zero. */
export function countdown(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / 1_000))
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3_600),
    Math.floor((seconds % 3_600) / 60),
    seconds % 60,
  ]
  const two = (number: number) => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
