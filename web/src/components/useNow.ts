import { useSyncExternalStore } from 'react'

/** The present moment, to the second; all clocks on a page share one timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read)
}

const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | null = null

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer)
      timer = null
    }
  }
}

function tick(): void {
  now = Date.now()
  for (const listener of listeners) {
    listener()
  }
}

function read(): number {
  // Without a timer nobody has kept it up to date.
  if (timer === null) {
    now = Math.max(now, Math.floor(Date.now() / 1_000) * 1_000)
  }
  return now
}
