import type { IssuerHalf, Kind, MerchantHalf, PaymentRow, View } from '../../src/api/shapes'

/** The moment at which the mock began; what it tells is told from there. */
export const BEGAN = Date.now()

type Stand = [View, IssuerHalf, MerchantHalf, Kind?]

const APPROVED: Stand = ['approved', 'charged', 'has']

/** One payment of each way to stand. */
const STANDS: readonly Stand[] = [
  APPROVED,
  ['approved', 'charged', 'told'],
  ['unknown', 'unknown', 'waiting'],
  ['returning', 'charged', 'no'],
  ['returned', 'returned', 'no'],
  ['declined', 'declined', 'no'],
  ['processing', 'unknown', 'waiting'],
  ['under_review', 'charged', 'no'],
  ['approved', 'held', 'has', 'pre_auth'],
  ['approved', 'charged', 'has', 'offline_sale'],
]

const DUTIES = {
  approved: 'hear_merchant',
  unknown: 'reverse',
  returning: 'reverse',
  processing: 'find_out',
  under_review: 'ask_person',
  declined: null,
  returned: null,
} as const

/** The payment with this number; the same number gives the same payment. */
export function row(no: number, stand: Stand = STANDS[no % STANDS.length] ?? APPROVED): PaymentRow {
  const [view, issuer, merchant_half, kind = 'sale'] = stand
  const matched =
    (['charged', 'held'].includes(issuer) && merchant_half === 'has') ||
    (['declined', 'returned'].includes(issuer) && merchant_half === 'no')
  const duty = matched ? null : DUTIES[view]
  return {
    id: `0193${String(no).padStart(28, '0')}`,
    rrn: rrn(no),
    opened_ms: BEGAN - 3_600_000 + no * 1_000,
    merchant: '898110253110001',
    terminal: String(10_000_001 + (no % 7)),
    card: `620000******${['0005', '0658', '0955', '0971'][no % 4] ?? '0005'}`,
    kind,
    amount: { minor: 100 + ((no * 7_919) % 250_000), currency: 156 },
    view,
    issuer,
    merchant_half,
    direction: view === 'approved' ? 'keep' : view === 'processing' ? 'open' : 'return',
    matched,
    duty: duty && { kind: duty, due_ms: BEGAN + ((no % 5) - 1) * 45_000 },
    legs: no % 10 === 4 ? 2 : 1,
    link: 1,
    at_risk: matched ? 0 : 100 + ((no * 7_919) % 250_000),
  }
}

export function rrn(no: number): string {
  return `6327Y${String(no).padStart(7, '0')}`
}
