/** What the API answers and takes. Moments are milliseconds since 1970, UTC, and named `_ms`. */

export const VIEWS = [
  'processing',
  'approved',
  'declined',
  'unknown',
  'returning',
  'returned',
  'under_review',
] as const
export type View = (typeof VIEWS)[number]

export type IssuerHalf = 'untouched' | 'unknown' | 'declined' | 'held' | 'charged' | 'returned'
/** What the bank did about one transaction; of a refund `done` says that money went back. */
export type LegIssuer = IssuerHalf | 'not_done' | 'done' | 'undone'
export type MerchantHalf = 'waiting' | 'told' | 'has' | 'no'
export type Direction = 'open' | 'keep' | 'return'
export type DutyKind = 'find_out' | 'insist' | 'reverse' | 'await_clearing' | 'hear_merchant' | 'ask_person'
export const DECISIONS = ['has', 'has_not', 'done', 'not_done', 'undone', 'close'] as const
export type Decision = (typeof DECISIONS)[number]
export type Kind =
  | 'sale'
  | 'void'
  | 'refund'
  | 'pre_auth'
  | 'pre_auth_void'
  | 'completion'
  | 'completion_void'
  | 'completion_advice'
  | 'offline_sale'
  | 'inquiry'

export const LINK_MODES = ['normal', 'degraded', 'draining'] as const
export type LinkMode = (typeof LINK_MODES)[number]

/** What a person may do; a page or a button without its permission is not shown. */
export const MAYS = [
  'payments',
  'reprint',
  'risk',
  'decide',
  'decide_bank',
  'close',
  'refund',
  'links',
  'order',
  'terminals',
  'alarms',
  'audit',
  'proposals',
  'people',
  'staff',
  'keys',
  'drill',
] as const
export type May = (typeof MAYS)[number]

/** An ISO 4217 currency, by its letters or its number. */
export type Currency = string | number

export interface Money {
  minor: number
  currency: Currency
}

export interface Words {
  zh: string
  en: string
}

/** RFC 9457, with the members that sign-in adds. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code_wanted?: boolean
  until_ms?: number
  /** For the people at the shop. */
  words?: Words
}

export interface List<Item> {
  items: Item[]
  next: string | null
}

export interface Session {
  name: string
  display: string
  role: string
  merchant: string | null
  language: 'zh' | 'en'
  csrf: string
  may: string[]
  must_change_password: boolean
  totp: boolean
  /** One-time codes must be switched on before anything else. */
  must_enrol: boolean
}

export interface Duty {
  kind: DutyKind
  due_ms: number
}

export interface PaymentRow {
  id: string
  rrn: string
  opened_ms: number
  merchant: string
  terminal: string
  card: string
  kind: Kind
  amount: Money
  view: View
  issuer: IssuerHalf
  merchant_half: MerchantHalf
  direction: Direction
  matched: boolean
  duty: Duty | null
  legs: number
  link: number | null
}

export interface Leg {
  leg: number
  of: number | null
  kind: Kind
  rrn: string
  trace: number
  batch: number
  terminal: string
  asked: Money
  amount: Money
  view: View
  issuer: LegIssuer
  merchant_half: MerchantHalf
  direction: Direction
  told: string | null
  why: string | null
  /** The same in words, where the server has them. */
  why_words?: Words | null
  auth: string | null
  opened_ms: number
  matched: boolean
  duties: Duty[]
}

export interface TimelineEntry {
  seq: number
  at_ms: number
  leg: number | null
  kind: string
  words: Words
  /** The message as it went over the line, masked. */
  frame: string | null
}

export interface Notice {
  at_ms: number
  to: 'payer' | 'merchant'
  words: Words
}

export interface Posting {
  debit: string
  credit: string
  pending: number
  posted: number
}

export interface Action {
  decision: Decision
  leg: number
  second_person: boolean
}

export interface PaymentPage {
  payment: PaymentRow
  legs: Leg[]
  timeline: TimelineEntry[]
  notices: Notice[]
  postings: Posting[]
  actions: Action[]
}

export interface Proposal {
  id: string
  by: string
  at_ms: number
  expires_ms: number
  about: string
  action: string
  reason: string
  may_approve: boolean
}

export interface RiskNow {
  amount: Money
  count: number
  oldest_ms: number | null
}

export interface RiskSample {
  at_ms: number
  amount_minor: number
  count: number
}

export interface Risk {
  now: RiskNow
  history: RiskSample[]
}

export interface LinkRow {
  name: string
  link: number
  up: boolean
  mode: LinkMode
  tripped: boolean
  by: string | null
  reason: string | null
  flying: number
  window: number
  waiting: number
  failures: number
}

export interface TerminalRow {
  merchant: string
  terminal: string
  signed_on: boolean
  batch: number
  settled: boolean
  certified: boolean
}

export interface Alarm {
  at_ms: number
  what: string
}

export interface Health {
  node: string
  refuses: string | null
  open: number
  uncommitted: number
  parked: number
  version: string
}

export interface AuditEntry {
  no: number
  at_ms: number
  who: string
  role: string
  address: string
  what: string
  about: string
  detail: string
}

export interface PaymentQuery {
  q?: string
  view?: string
  merchant?: string
  terminal?: string
  card?: string
  amount?: number
  from_ms?: number
  to_ms?: number
  open?: boolean
}

/** A key of a machine, without its secret. */
export interface KeyRow {
  id: string
  label: string
  role: string
  merchant: string | null
  made_by: string
  created_ms: number
  expires_ms: number
  used_ms: number | null
  revoked: boolean
}

export interface KeyBody {
  label: string
  role: string
  days: number
}

/** A key, told once. */
export interface MadeBody {
  id: string
  key: string
}
