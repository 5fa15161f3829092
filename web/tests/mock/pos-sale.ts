import type { PosPayment, PosState, Strip } from '../../src/pages/pos/shapes'
import { both, DIGITS, frames, screen } from './pos-state'

/** What everybody sees after a sale. */
export function after(
  state: PosState,
  no: number,
  payment: PosPayment,
  card: string,
  lost: boolean,
): Partial<PosState> {
  const { rrn, amount } = payment
  const [masked, at_ms] = [`620000******${card}`, Date.now()]
  const bank = state.faults.bank
  return {
    payment,
    payments: [payment, ...state.payments],
    screen: screen('result', both('消费', 'Sale'), {
      lines: [lost ? both('结果未知', 'Result unknown') : both('交易成功', 'Approved')],
      alive: ['enter', 'cancel', ...DIGITS],
      tone: lost ? 'unknown' : 'good',
      code: lost ? '98' : '00',
      cashier: lost ? both('请勿重刷', 'Do not charge again.') : both('请交付商品。', 'Hand over the goods.'),
    }),
    signal: { id: state.signal.id + 1, lamp: lost ? 'amber' : 'green', beep: 'good' },
    printer: {
      ...state.printer,
      strips: lost ? state.printer.strips : [...state.printer.strips, strip(no, rrn)],
    },
    phone: {
      ...state.phone,
      messages: [
        ...state.phone.messages,
        {
          id: `m${no}`,
          at_ms,
          from: 'bank',
          text: both('您尾号的账户支出', `Card ending ${card} was charged`),
          tone: 'bad',
        },
      ],
    },
    ledger: [
      { rrn, card: masked, charged: amount, returned: 0, held: 0, balance: 1_000_000 - amount },
      ...state.ledger,
    ],
    bank_entries: [
      { at_ms, what: 'charge', why: 'sale', amount, rrn, words: both('扣款', 'charged') },
      ...state.bank_entries,
    ],
    frames: [...state.frames, ...frames(no, lost)],
    faults: {
      ...state.faults,
      bank: {
        ...bank,
        lose_answer: Math.max(0, bank.lose_answer - 1),
        struck: bank.struck + (lost ? 1 : 0),
      },
    },
  }
}

function strip(id: number, rrn: string): Strip {
  const row = (style: 'title' | 'rule' | 'pair' | 'qr', label: string | null, value: string | null) => ({
    style,
    label,
    value,
    count: null,
  })
  const rows = (title: string) => [
    row('title', null, title),
    row('rule', null, null),
    row('pair', 'RRN', rrn),
    row('qr', 'QR', `https://example.test/s/${rrn}`),
  ]
  return {
    id,
    at_ms: Date.now(),
    copy: 'merchant',
    duplicate: false,
    zh: rows('签购单'),
    en: rows('SALES SLIP'),
    qr: null,
  }
}
