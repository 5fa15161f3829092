import type { LinkRow, Alarm, PaymentRow, RiskNow } from '../api/shapes'
import type { Connection } from './feed'

/** What the stream tells. */
export interface Hearers {
  payments: (rows: PaymentRow[]) => void
  risk: (now: RiskNow) => void
  links: (links: LinkRow[]) => void
  alarm: (alarm: Alarm) => void
  /** Too much was missed: what was read must be read anew. */
  reset: () => void
  connection: (state: Connection) => void
}

/** Opens the live stream; what it returns closes it. */
export function openStream(hear: Hearers): () => void {
  let source: EventSource | null = null
  let again: ReturnType<typeof setTimeout> | null = null
  let failures = 0
  /** Whether the stream was open before, and whether the browser holds an event's id to go on from. */
  let opened = false
  let placed = false

  function heard(event: Event): unknown {
    placed = true
    return body(event)
  }

  function open(): void {
    hear.connection('connecting')
    source = new EventSource('/api/live')
    source.addEventListener('open', () => {
      // Who comes back without an event's id cannot be told what was missed.
      if (opened && !placed) {
        hear.reset()
      }
      opened = true
      failures = 0
      hear.connection('live')
    })
    source.addEventListener('here', heard)
    source.addEventListener('payments', (event) => hear.payments(heard(event) as PaymentRow[]))
    source.addEventListener('risk', (event) => hear.risk(heard(event) as RiskNow))
    source.addEventListener('links', (event) => hear.links(heard(event) as LinkRow[]))
    source.addEventListener('alarm', (event) => hear.alarm(heard(event) as Alarm))
    source.addEventListener('reset', (event) => {
      heard(event)
      hear.reset()
    })
    source.addEventListener('error', () => {
      hear.connection('lost')
      // A broken line the browser mends by itself, with the last event's id; a refusal it gives up on.
      if (source?.readyState === EventSource.CLOSED) {
        failures += 1
        placed = false
        again = setTimeout(open, Math.min(1_000 * 2 ** failures, 30_000))
      }
    })
  }

  open()
  return () => {
    if (again !== null) {
      clearTimeout(again)
    }
    source?.close()
  }
}

function body(event: Event): unknown {
  return event instanceof MessageEvent && typeof event.data === 'string' ? JSON.parse(event.data) : null
}
