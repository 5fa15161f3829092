import type {
  Card,
  Drill,
  Frame,
  FrameDetail,
  PosKey,
  PosPayment,
  PosScreen,
  PosState,
  Till,
  WireFaults,
} from '../../src/pages/pos/shapes'

/** What the mock POS is made of. */

export const TILLS: Till[] = [
  {
    n: 1,
    number: '20000001',
    merchant: '898110258140001',
    name: both('合符咖啡', 'Hefu Coffee'),
    model: { id: 'certified', ...both('认证机型', 'Certified model') },
  },
  {
    n: 4,
    number: '20000004',
    merchant: '898110248120001',
    name: both('合符手机', 'Hefu Phones'),
    model: { id: 'deletes', ...both('旧机型', 'Old model') },
  },
]

export const CARDS: Card[] = [
  card('0005', 'good', both('银行批准', 'The bank approves.')),
  card('0625', 'broken', both('银行已扣款,应答丢失', 'Charged, and the answer is lost.')),
  card('0518', 'declined', both('余额不足 (51)', 'Insufficient funds (51).')),
]

export const DRILLS: Drill[] = [
  drill('lost-answer', 1, null, both('银行的应答丢失', "The bank's answer is lost"), 'certified'),
  {
    ...drill('code-funds', null, 'funds', both('余额不足', 'Insufficient funds'), 'certified'),
    codes: ['51'],
  },
  {
    ...drill('code-defect', null, 'defect', both('有瑕疵的批准', 'Approved with a defect'), 'certified'),
    possible: false,
    why_not: both('终端上与 00 没有区别', 'On a terminal it looks like 00.'),
    card: null,
    amount: null,
    acts: [],
  },
]

export const DIGITS: PosKey[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
export const ALL: PosKey[] = [...DIGITS, '00', '.', 'clear', 'cancel', 'enter', 'menu', 'up', 'down']

export function both(zh: string, en: string) {
  return { zh, en }
}

export function fresh(till: Till): PosState {
  return {
    n: till.n,
    revision: 1,
    now_ms: Date.now(),
    scale: 1,
    terminal: till,
    power: 'on',
    gateway: 'up',
    bank: { up: true, slow_ms: 0, link_up: true },
    screen: idle(),
    signal: { id: 1, lamp: 'blue', beep: 'none' },
    voice: null,
    printer: { state: 'ready', held: 0, strips: [] },
    line: { state: 'up', connected: true },
    believes: {
      trace_next: 2,
      batch: 1,
      signed_on: true,
      owes: { reversal: null, script: false, offline: 0, sign_on: false, settlement: false },
      journal: [],
    },
    faults: { terminal: calm(), bank: calm() },
    payment: null,
    payments: [],
    phone: { messages: [], eslip: null },
    ledger: [],
    bank_entries: [],
    frames: [],
    drill: null,
  }
}

export function calm(): WireFaults {
  return {
    cut: false,
    half_open: false,
    lose_request: 0,
    lose_answer: 0,
    corrupt_request: 0,
    corrupt_answer: 0,
    double_request: 0,
    delay_ms: 0,
    struck: 0,
  }
}

export function screen(
  mode: PosScreen['mode'],
  title: PosScreen['title'],
  other: Partial<PosScreen> = {},
): PosScreen {
  return {
    mode,
    title,
    lines: [],
    prompt: null,
    alive: [],
    slots: [],
    amount: null,
    typed: null,
    pin: null,
    menu: null,
    tone: 'neutral',
    code: null,
    cashier: null,
    ...other,
  }
}

export function idle(): PosScreen {
  return screen('idle', both('欢迎使用', 'Welcome'), {
    prompt: both('输入金额开始消费', 'Type an amount, or press menu'),
    alive: ALL,
  })
}

/** A sale that was approved and is proved, or one whose answer was lost and which heals. */
export function sale(no: number, amount: number, lost: boolean): PosPayment {
  return {
    id: `p${no}`,
    rrn: `6327${String(no).padStart(8, '0')}`,
    kind: 'sale',
    kind_words: both('消费', 'sale'),
    amount,
    opened_ms: Date.now(),
    view: lost ? 'unknown' : 'approved',
    view_words: lost ? both('结果未知', 'unknown') : both('交易成功', 'approved'),
    issuer: lost ? 'unknown' : 'charged',
    issuer_words: lost ? both('未知', 'unknown') : both('已扣款', 'charged'),
    charged: lost ? 0 : amount,
    returned: 0,
    merchant: lost ? 'no' : 'has',
    merchant_words: lost ? both('无此笔', 'no sale') : both('已入账', 'has sale'),
    sale: lost ? 0 : amount,
    direction: lost ? 'return' : 'keep',
    direction_words: lost ? both('退回', 'return') : both('成立', 'keep'),
    matched: !lost,
    at_risk: lost ? amount : 0,
    duties: lost
      ? [
          {
            kind: 'reverse',
            due_ms: Date.now() + 12_000,
            words: both('冲正直到银行应答', 'reverse until the bank answers'),
            leg: 0,
          },
        ]
      : [],
    timeline: [
      { at_ms: Date.now(), kind: 'opened', words: both('终端请求消费', 'the terminal asked for a sale') },
    ],
  }
}

export function healed(payment: PosPayment): PosPayment {
  return {
    ...payment,
    view: 'returned',
    view_words: both('已退回', 'returned'),
    issuer: 'returned',
    issuer_words: both('已退回', 'returned'),
    charged: payment.amount,
    returned: payment.amount,
    matched: true,
    at_risk: 0,
    duties: [],
  }
}

export function frames(no: number, lost: boolean): Frame[] {
  const frame = (
    id: number,
    wire: Frame['wire'],
    way: Frame['way'],
    mti: string,
    code: string | null,
  ): Frame => ({
    id: no * 4 + id,
    at_ms: Date.now(),
    wire,
    way,
    mti,
    what: way === 'up' ? both('消费请求', 'sale') : both('消费应答', 'answer to the sale'),
    bytes: 16,
    code,
    trace: String(no).padStart(6, '0'),
    fate: lost && wire === 'bank' && way === 'down' ? 'lost' : 'passed',
    delay_ms: 0,
  })
  return [
    frame(0, 'terminal', 'up', '0200', null),
    frame(1, 'bank', 'up', '0200', null),
    frame(2, 'bank', 'down', '0210', '00'),
    frame(3, 'terminal', 'down', '0210', lost ? '98' : '00'),
  ]
}

export function detail(frame: Frame): FrameDetail {
  const field = (number: string, offset: number, length: number, value: string, inside = false) => ({
    number,
    name: both(`域 ${number}`, `field ${number}`),
    value,
    offset,
    length,
    hex: '',
    note: null,
    inside,
  })
  return {
    ...frame,
    hex: ['00', '0e', '02', '10', '**', '**', '30', '30', '00', '14', '22', '00', '00', '01', '00', '06'],
    fields: [
      field('length', 0, 2, '14'),
      field('MTI', 2, 2, frame.mti),
      field('F2', 4, 2, '620000***0005'),
      field('F39', 6, 2, frame.code ?? ''),
      field('F60', 8, 8, '22000001000601'),
      field('F60.1', 10, 0, '22', true),
      field('F60.2', 11, 0, '000001', true),
    ],
    error: null,
  }
}

function card(name: string, group: Card['group'], story: Card['story']): Card {
  return {
    card: name,
    masked: `620000******${name}`,
    pin: '123456',
    ways: ['swipe', 'insert', 'tap'],
    story,
    group,
  }
}

function drill(
  id: string,
  hole: number | null,
  family: string | null,
  title: Drill['title'],
  model: Drill['model'],
): Drill {
  return {
    id,
    title,
    hole,
    family,
    codes: [],
    possible: true,
    why_not: null,
    task: both('收 12.00 元', 'Take 12.00.'),
    lesson: both('没有应答不等于失败', 'No answer is not a failure.'),
    card: '0005',
    how: 'swipe',
    amount: 1200,
    model,
    acts: [
      { id: 'wait', words: both('等待', 'Wait') },
      { id: 'hand_over', words: both('交付商品', 'Hand over the goods') },
      { id: 'send_away', words: both('请顾客离开', 'Send away') },
    ],
  }
}
