import type { paths as described } from './schema'
import type { List, Money, Problem } from './shapes'

/** The interface's paths: what is described, and what the server does not have yet. */
export type paths = described & Coming

/** A terminal's batch and how far it is settled. */
export interface Batch {
  terminal: string
  batch: number
  opened_ms: number
  count: number
  sum: Money
  fee: Money | null
  state: 'open' | 'settled' | 'differs' | 'paid'
}

/** Written by hand until the server describes them: refunds that a merchant asks for, and its batches. */
interface Coming {
  '/api/payments/{rrn}/refund': {
    parameters: Nothing
    post: {
      parameters: { query?: never; header?: never; path: { rrn: string }; cookie?: never }
      requestBody: { content: { 'application/json': { amount: number; reason: string } } }
      responses: { 201: Json<{ rrn: string }>; default: Refusal }
    }
  }
  '/api/merchant/batches': {
    parameters: Nothing
    get: {
      parameters: Nothing
      responses: { 200: Json<List<Batch>>; default: Refusal }
    }
  }
}

interface Nothing {
  query?: never
  header?: never
  path?: never
  cookie?: never
}

interface Json<Body> {
  headers: Record<string, unknown>
  content: { 'application/json': Body }
}

interface Refusal {
  headers: Record<string, unknown>
  content: { 'application/problem+json': Problem }
}
