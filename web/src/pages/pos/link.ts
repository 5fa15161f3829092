import { Refused } from '../../api/client'
import type { Problem } from '../../api/shapes'
import { advance, isBroken, NOTHING_DONE, type Progress } from './progress'
import type { PosState } from './shapes'

/** How long an answer is waited for; the gateway may be away for seconds, the page goes on. */
const PATIENCE_MS = 15_000

/** The most requests that wait for the one before; what is typed faster than that is dropped. */
const MOST_WAITING = 40

export async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`/api/pos${path}`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer = parsed(text)
  if (!response.ok) {
    throw new Refused({
      type: 'about:blank',
      title: response.statusText,
      detail: response.statusText,
      ...(answer as Partial<Problem> | null),
      status: response.status,
    })
  }
  return answer as Answer
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The gateway's front door may answer in words of its own while it starts.
    return null
  }
}

export interface Seen {
  state: PosState | null
  /** The local moment at which the state came. */
  heard_ms: number
  live: boolean
  /** Why the last request did not work; null when it did. */
  trouble: Error | null
  /** What a visitor has done at this till since the page was opened. */
  progress: Progress
}

/**
 * One till as the server sees it. Its stream and the answers of requests meet here: the later revision stands. Requests
 * leave one after the other, since keys have an order.
 */
export class PosLink {
  private seen: Seen = { state: null, heard_ms: 0, live: false, trouble: null, progress: NOTHING_DONE }
  private readonly listeners = new Set<() => void>()
  private source: EventSource | null = null
  private again: ReturnType<typeof setTimeout> | null = null
  private fresh = true
  private queue: Promise<void> = Promise.resolve()
  private waiting = 0

  constructor(readonly n: number) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly read = (): Seen => this.seen

  open(): () => void {
    this.connect()
    return () => {
      this.source?.close()
      this.source = null
      if (this.again !== null) {
        clearTimeout(this.again)
      }
    }
  }

  readonly isAhead = (): boolean => this.waiting > 0

  /** Sends what a person does at this till; resolves with whether it was taken. */
  readonly send = (path: string, body: unknown): Promise<boolean> => {
    if (this.waiting >= MOST_WAITING) {
      return Promise.resolve(false)
    }
    this.waiting += 1
    const sent = this.queue.then(() => this.post(path, body))
    this.queue = sent.then(() => {
      this.waiting -= 1
    })
    return sent
  }

  private async post(path: string, body: unknown): Promise<boolean> {
    try {
      const answer = await ask<unknown>(path.startsWith('/') ? path : `/${this.n}/${path}`, body)
      if (isState(answer)) {
        this.take(answer, false)
      }
      this.set({ trouble: null })
      return true
    } catch (error) {
      this.set({ trouble: error instanceof Error ? error : new Error(String(error)) })
      return false
    }
  }

  private connect(): void {
    const source = new EventSource(`/api/pos/${this.n}/live`)
    this.source = source
    source.addEventListener('open', () => {
      this.fresh = true
      this.set({ live: true })
    })
    source.addEventListener('state', (event) => {
      const state = JSON.parse(event.data as string) as PosState
      this.take(state, this.fresh)
      this.fresh = false
    })
    source.addEventListener('error', () => {
      this.set({ live: false })
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.again = setTimeout(() => this.connect(), 1_000)
      }
    })
  }

  /** After a new connection the server may be another one, whose revisions begin again. */
  private take(state: PosState, anyway: boolean): void {
    const known = this.seen.state
    if (anyway || known === null || state.revision >= known.revision) {
      const progress = advance(this.seen.progress, state.payments, isBroken(state))
      this.set({ state, heard_ms: Date.now(), progress })
    }
  }

  private set(change: Partial<Seen>): void {
    this.seen = { ...this.seen, ...change }
    for (const listener of this.listeners) {
      listener()
    }
  }
}

function isState(answer: unknown): answer is PosState {
  return typeof answer === 'object' && answer !== null && 'screen' in answer && 'revision' in answer
}
