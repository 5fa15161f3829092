import type { IssuerHalf, Leg, PaymentPage, PaymentRow } from '../../src/api/shapes'

const FRAME = [
  '0420  length 214',
  'F2   620000******0955',
  'F3   000000',
  'F4   000000023332',
  'F7   1123013107',
  'F11  000029',
  'F37  6327Y0000003',
  'F41  10000004',
  'F42  898110253110001',
  'F90  0200000014112301310000000000000000000000000',
  'F128 (MAC checked)',
].join('\n')

/** One payment's page, told from its row. */
export function story(payment: PaymentRow): PaymentPage {
  const at = payment.opened_ms
  const sale = leg(payment)
  const legs = payment.legs === 1 ? [sale] : [sale, refund(sale)]
  return {
    payment,
    ...figures(payment),
    legs,
    timeline: [
      line(
        1,
        at,
        '终端发起消费 ¥233.32(流水 000003)',
        'the terminal asked for a sale of ¥233.32 (trace 000003)',
      ),
      line(
        2,
        at + 12,
        '已经 icbc 发往银行(流水 000014)',
        'sent the sale to the bank over icbc (stan 000014)',
        FRAME.replace('0420', '0200'),
      ),
      line(
        3,
        at + 55_000,
        '转为退回:期限内无应答;沉默不证明任何事',
        'turned to return: no answer within our deadline; silence proves nothing',
      ),
      line(
        4,
        at + 55_001,
        '告知终端 98:结果未知,请勿重刷',
        'told the terminal 98: unknown, do not charge again',
      ),
      line(5, at + 55_002, '发出冲正(0420,原因 4354)', 'sent the reversal (0420, reason 4354)', FRAME),
      line(
        6,
        at + 56_000,
        '银行对冲正应答 DE39 25:首个「无原交易」不作结论',
        'the bank answered the reversal with DE39 25: a first "no original" closes nothing',
      ),
    ],
    notices: [
      {
        at_ms: at + 55_000,
        to: 'payer',
        leg: 0,
        word: 'unknown',
        words: { zh: '您的消费结果未知,请勿重刷', en: 'your sale is unknown: do not charge again' },
      },
      {
        at_ms: at + 55_000,
        to: 'merchant',
        leg: 0,
        word: 'unknown',
        words: { zh: '此笔消费结果未知,请勿重刷', en: 'the sale is unknown: do not charge again' },
      },
    ],
    postings: [
      { leg: 0, debit: 'receivable:1', credit: 'at_risk', pending: payment.amount.minor, posted: 0 },
      { leg: 0, debit: 'at_risk', credit: 'receivable:1', pending: -payment.amount.minor, posted: 0 },
    ],
    actions: payment.matched
      ? []
      : [
          {
            decision: 'has',
            leg: 0,
            second_person: false,
            words: { zh: '商户有此笔', en: 'the merchant has it' },
          },
          {
            decision: 'undone',
            leg: 0,
            second_person: true,
            words: { zh: '银行账簿显示已退回', en: "the bank's books show it given back" },
          },
          {
            decision: 'close',
            leg: 0,
            second_person: true,
            words: { zh: '已无待办', en: 'nothing is left to do' },
          },
        ],
  }
}

export function slip(payment: PaymentRow, language: string): string {
  const zh = language === 'zh'
  return [
    zh ? '        POS 签购单' : '        POS SALES SLIP',
    '--------------------------------',
    zh ? '商户名称  合符小店' : 'MERCHANT  HEFU CORNER SHOP',
    `${zh ? '商户编号' : 'MID     '}  ${payment.merchant}`,
    `${zh ? '终端编号' : 'TID     '}  ${payment.terminal}`,
    `${zh ? '卡号    ' : 'CARD    '}  ${payment.card}`,
    `${zh ? '参考号  ' : 'REF     '}  ${payment.rrn}`,
    `${zh ? '金额    ' : 'AMOUNT  '}  RMB ${(payment.amount.minor / 100).toFixed(2)}`,
    '--------------------------------',
    zh ? '       *** 测试 ***' : '        *** TEST ***',
  ].join('\n')
}

/** What the bank did about a sale, when the whole payment stands like this. */
const BANK_DID: Record<IssuerHalf, Leg['issuer']> = {
  untouched: 'untouched',
  unknown: 'unknown',
  declined: 'not_done',
  held: 'done',
  charged: 'done',
  returned: 'undone',
}

/** The sums of a payment of one sale. */
function figures({ amount, issuer, merchant_half }: PaymentRow) {
  const all = (when: boolean) => ({ ...amount, minor: when ? amount.minor : 0 })
  return {
    charged: all(issuer === 'charged' || issuer === 'returned'),
    returned: all(issuer === 'returned'),
    held: all(issuer === 'held'),
    sale: all(merchant_half === 'has' || merchant_half === 'told'),
  }
}

function leg(payment: PaymentRow): Leg {
  return {
    leg: 0,
    of: null,
    kind: payment.kind,
    rrn: payment.rrn,
    trace: 3,
    batch: 1,
    terminal: payment.terminal,
    asked: payment.amount,
    amount: payment.amount,
    view: payment.view,
    issuer: BANK_DID[payment.issuer],
    merchant_half: payment.merchant_half,
    direction: payment.direction,
    told: payment.view === 'approved' ? '00' : '98',
    why: payment.view === 'approved' ? 'approved' : 'no_answer',
    why_words:
      payment.view === 'approved'
        ? { zh: '银行应答证明已完成', en: "the bank's answer proves it done" }
        : {
            zh: '期限内无应答;沉默不证明任何事',
            en: 'no answer within our deadline; silence proves nothing',
          },
    code: payment.view === 'approved' ? '00' : null,
    auth: payment.view === 'approved' ? 'A00014' : null,
    opened_ms: payment.opened_ms,
    matched: payment.matched,
    duties: payment.duty === null ? [] : [payment.duty],
  }
}

function refund(sale: Leg): Leg {
  return {
    ...sale,
    leg: 1,
    of: 0,
    kind: 'refund',
    rrn: `${sale.rrn.slice(0, 5)}R${sale.rrn.slice(6)}`,
    trace: 4,
    issuer: 'done',
    merchant_half: 'has',
    view: 'approved',
    matched: true,
    duties: [],
  }
}

function line(seq: number, at_ms: number, zh: string, en: string, frame: string | null = null) {
  return { seq, at_ms, leg: 0, kind: 'fact', words: { zh, en }, frame }
}
