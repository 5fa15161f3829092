import type { Direction, DutyKind, IssuerHalf, Kind, MerchantHalf, View, Words } from '../../api/shapes'

/** What `/api/pos` answers: the virtual POS of the demonstration. Amounts are fen, moments as everywhere. */

export const KEYS = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '00',
  '.',
  'clear',
  'cancel',
  'enter',
  'menu',
  'up',
  'down',
] as const
export type PosKey = (typeof KEYS)[number]

export const WAYS = ['swipe', 'insert', 'tap'] as const
export type Way = (typeof WAYS)[number]

export interface Till {
  n: number
  number: string
  merchant: string
  name: Words
  model: { id: 'certified' | 'deletes' } & Words
}

export interface Card {
  card: string
  masked: string
  pin: string
  ways: Way[]
  story: Words
  group: 'good' | 'declined' | 'broken' | 'follow_up' | 'clearing'
}

export interface Pos {
  scale: number
  terminals: Till[]
  cards: Card[]
  drills?: Drill[]
}

export interface PosScreen {
  mode: string
  title: Words
  lines: Words[]
  prompt: Words | null
  alive: PosKey[]
  slots: Way[]
  amount: number | null
  typed: string | null
  pin: { length: number } | null
  menu: { id: string; label: Words; chosen: boolean }[] | null
  tone: 'neutral' | 'good' | 'bad' | 'unknown' | 'wait'
  code: string | null
  cashier: Words | null
}

export interface SlipRow {
  style: 'title' | 'mark' | 'rule' | 'pair' | 'amount' | 'status' | 'row' | 'text' | 'signature' | 'qr'
  label: string | null
  value: string | null
  count: string | null
}

export interface Strip {
  id: number
  at_ms: number
  copy: 'merchant' | 'cardholder' | 'settlement'
  duplicate: boolean
  zh: SlipRow[]
  en: SlipRow[]
  qr: string | null
}

export interface WireFaults {
  cut: boolean
  half_open: boolean
  lose_request: number
  lose_answer: number
  corrupt_request: number
  corrupt_answer: number
  double_request?: number
  delay_ms: number
  struck: number
}

export type Wire = 'terminal' | 'bank'

export interface PosDuty {
  kind: DutyKind
  due_ms: number
  words: Words
  leg: number
}

export interface PosPayment {
  id: string
  rrn: string
  kind: Kind
  kind_words: Words
  amount: number
  opened_ms: number
  view: View
  view_words: Words
  issuer: IssuerHalf
  issuer_words: Words
  charged: number
  returned: number
  merchant: MerchantHalf
  merchant_words: Words
  sale: number
  direction: Direction
  direction_words: Words
  matched: boolean
  at_risk: number
  duties: PosDuty[]
  timeline?: { at_ms: number; kind: string; words: Words }[]
}

export interface PhoneMessage {
  id: string
  at_ms: number
  from: 'bank' | 'hefu'
  text: Words
  tone: string
}

export interface JournalEntry {
  trace: number
  batch: number
  kind: string
  kind_words: Words
  amount: number
  card: string
  rrn: string | null
  auth: string | null
  at_ms: number
  standing: string
  standing_words: Words
}

export interface Believes {
  trace_next: number
  batch: number
  signed_on: boolean
  owes: {
    reversal: { trace: number; reason: string; tries: number } | null
    script: boolean
    offline: number
    sign_on: boolean
    settlement: boolean
  }
  journal: JournalEntry[]
}

export interface LedgerLine {
  rrn: string
  card: string
  charged: number
  returned: number
  held: number
  balance: number
}

export interface Frame {
  id: number
  at_ms: number
  wire: Wire
  way: 'up' | 'down'
  mti: string
  what: Words
  bytes: number
  code: string | null
  trace: string | null
  fate: 'passed' | 'lost' | 'delayed' | 'corrupted' | 'doubled' | 'swallowed'
  delay_ms: number
}

export interface FrameField {
  number: string
  name: Words
  value: string
  offset: number
  length: number
  hex: string
  note: Words | null
  /** A part of the row before it, which has no bytes of its own. */
  inside: boolean
}

export interface FrameDetail extends Frame {
  hex: string[]
  fields: FrameField[]
  error: string | null
}

export interface Act {
  id: string
  words: Words
}

export interface Drill {
  id: string
  title: Words
  hole: number | null
  family: string | null
  codes: string[]
  possible: boolean
  why_not: Words | null
  task: Words
  lesson: Words
  card: string | null
  how: Way
  amount: number
  model: 'certified' | 'deletes'
  acts: Act[]
}

export interface Verdict {
  id: string
  good: boolean
  words: Words
}

export interface DrillRun {
  id: string
  title: Words
  person: string
  task: Words
  amount: number
  stage: 'running' | 'settling' | 'judged'
  began_ms: number
  acts: Act[]
  done: string[]
  result: {
    passed: boolean
    verdicts: Verdict[]
    lesson: Words
    books: {
      bank_charged: number
      bank_returned: number
      sale: number
      goods: boolean
      payments: number
    }
  } | null
}

export interface DrillResult {
  person: string
  drill: string
  at_ms: number
  passed: boolean
  terminal: string
  verdicts: Verdict[]
}

export interface PosState {
  n: number
  revision: number
  now_ms: number
  scale: number
  terminal: Till
  power: 'on' | 'off'
  gateway: 'up' | 'down'
  bank: { up: boolean; slow_ms: number }
  screen: PosScreen
  signal: { id: number; lamp: string; beep: string }
  voice: { id: number; text: Words } | null
  printer: { state: string; held: number; strips: Strip[] }
  line: { state: 'up' | 'cut' | 'half_open'; connected: boolean }
  believes: Believes | null
  faults: Record<Wire, WireFaults>
  payment: PosPayment | null
  payments: PosPayment[]
  phone: { messages: PhoneMessage[]; eslip: string | null }
  ledger: LedgerLine[]
  bank_entries: { at_ms: number; what: string; why: string; amount: number; rrn: string; words: Words }[]
  frames: Frame[]
  drill?: DrillRun | null
}
