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

/** What waits for a second person. */
export interface Waits {
  proposal: string
}

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
