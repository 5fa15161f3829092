import type { Money } from './shapes'

/** What the API answers and takes about a shop's own affairs. */

/** An account, without its secrets. */
export interface Account {
  name: string
  display: string
  role: string
  merchant: string | null
  language: 'zh' | 'en'
  must_change_password: boolean
  totp: boolean
  demo: boolean
  disabled: boolean
  created_ms: number
}

export interface NewAccount {
  name: string
  display: string
  role: string
  merchant: string | null
  language: 'zh' | 'en'
  reason: string
}

/** A first password, told once. */
export interface FirstPassword {
  password: string
  proposal?: string
}

/** A refund that was taken on; not done yet: the bank has not answered, and it is being found out. */
export interface RefundMade {
  rrn: string
  done: boolean
}

/** What waits for a second person. */
export interface Waits {
  proposal: string
}

/** One side of a batch's totals. */
export interface Side {
  count: number
  sum: Money
}

/** The batch that a terminal works in, and how far it is settled. */
export interface Batch {
  merchant: string
  terminal: string
  batch: number
  state: 'open' | 'settled' | 'differs'
  sales: Side
  returns: Side
  opened_ms: number | null
}
