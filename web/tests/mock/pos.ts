import type { BankIs, Deed, DrillResult, Pos, PosKey, PosState, WireFaults } from '../../src/pages/pos/shapes'
import {
  both,
  calm,
  CARDS,
  detail,
  DIGITS,
  DRILLS,
  fresh,
  healed,
  idle,
  sale,
  screen,
  TILLS,
} from './pos-state'
import { after } from './pos-sale'
import { MockStream } from './stream'

type Given = Record<string, unknown>
export interface PosAnswer {
  status: number
  body?: unknown
}

/** How long the mock's one-sided payments take to heal, and its gateway to come back. */
const HEALS_MS = 1_500

/** A POS without a gateway: it takes sales, can be broken, and heals after a moment. */
export class MockPos {
  /** Whether this server is a demonstration. */
  here = true
  readonly streams = new Map(TILLS.map(({ n }) => [n, new MockStream()]))
  private readonly states = new Map(TILLS.map((till) => [till.n, fresh(till)]))
  private readonly results: DrillResult[] = []
  private sales = 0
  private amount = 0
  private card = '0005'

  answer(method: string, path: string, given: Given): PosAnswer {
    const [, , , first = '', second = '', third = ''] = path.split('/')
    if (!this.here) {
      return no(404, 'there is no virtual POS')
    }
    if (first === '') {
      return { status: 200, body: { scale: 1, terminals: TILLS, cards: CARDS, drills: DRILLS } satisfies Pos }
    }
    if (first === 'drills') {
      return { status: 200, body: second === 'results' ? this.results : DRILLS }
    }
    if (first === 'bank') {
      const up = given.state !== 'down'
      const bank: BankIs = { up, slow_ms: given.state === 'slow' ? Number(given.ms) : 0 }
      this.states.forEach((_, n) => this.change(n, { bank: { ...bank, link_up: up } }))
      return { status: 200, body: bank }
    }
    if (first === 'crash') {
      this.states.forEach((_, n) => this.change(n, { gateway: 'down' }))
      setTimeout(() => this.states.forEach((_, n) => this.change(n, { gateway: 'up' })), HEALS_MS)
      return { status: 202 }
    }
    const n = Number(first)
    const state = this.states.get(n)
    if (state === undefined) {
      return no(404, 'there is no such terminal')
    }
    if (method === 'GET') {
      const frame = state.frames.find(({ id }) => id === Number(third))
      return second !== 'frames'
        ? { status: 200, body: state }
        : frame
          ? { status: 200, body: detail(frame) }
          : no(404, 'gone')
    }
    const trouble = this.act(n, state, third === '' ? second : `${second}/${third}`, given)
    return trouble ?? { status: 200, body: this.states.get(n) }
  }

  private act(n: number, state: PosState, what: string, given: Given): PosAnswer | undefined {
    switch (what) {
      case 'press':
        if (state.power === 'off') {
          return no(409, 'the power is off')
        }
        this.press(n, state, given.key as PosKey)
        return undefined
      case 'card':
        if (!state.screen.slots.includes(given.how as never)) {
          return no(409, 'no card is wanted now')
        }
        this.card = String(given.card)
        return this.change(n, {
          screen: screen('pin', both('消费', 'Sale'), {
            prompt: both('请输入密码', 'Enter the PIN'),
            alive: [...DIGITS, 'clear', 'cancel', 'enter'],
            amount: this.amount,
            pin: { length: 0 },
          }),
        })
      case 'fault':
        this.fault(n, state, given)
        return undefined
      case 'power':
        return this.change(n, { power: given.on === true ? 'on' : 'off', screen: idle() })
      case 'paper':
        return this.change(n, {
          printer: { ...state.printer, state: given.printer as PosState['printer']['state'] },
        })
      case 'reset': {
        this.amount = 0
        const { terminal } = state
        const { power, bank, drill } = fresh(terminal)
        return this.change(n, {
          power,
          bank,
          drill,
          screen: idle(),
          printer: { ...state.printer, state: 'ready' },
          faults: { terminal: calm(), bank: calm() },
        })
      }
      case 'drill': {
        const drill = DRILLS.find(({ id }) => id === given.id)
        if (drill === undefined) {
          return no(404, 'there is no such drill')
        }
        const { id, title, task, acts, amount } = drill
        if (amount === null) {
          return no(409, 'this drill cannot be shown on one terminal')
        }
        return this.change(n, {
          drill: {
            id,
            title,
            task,
            acts,
            amount,
            person: String(given.person),
            stage: 'running',
            began_ms: Date.now(),
            done: [],
            result: null,
          },
          faults: { ...state.faults, bank: { ...calm(), lose_answer: id === 'lost-answer' ? 1 : 0 } },
        })
      }
      case 'drill/act':
      case 'drill/end':
        return this.judge(n, state, given.act as Deed | undefined)
      default:
        return no(404, `there is no ${what}`)
    }
  }

  private press(n: number, state: PosState, key: PosKey): void {
    const { mode, pin } = state.screen
    if (key === 'cancel' || mode === 'result') {
      this.amount = 0
      this.change(n, { screen: idle() })
      if (key === 'cancel' || !/^\d+$/.test(key)) {
        return
      }
    }
    if (mode === 'pin') {
      if (key === 'enter') {
        this.finish(n, state)
      } else {
        const length = key === 'clear' ? 0 : (pin?.length ?? 0) + 1
        this.change(n, { screen: { ...state.screen, pin: { length: Math.min(6, length) } } })
      }
      return
    }
    if (key === 'enter' && this.amount > 0) {
      this.change(n, {
        screen: screen('card', both('消费', 'Sale'), {
          lines: [both(`金额 ${this.amount / 100}`, `Amount ${this.amount / 100}`)],
          prompt: both('请刷卡、插卡或挥卡', 'Swipe, insert or tap the card'),
          alive: ['cancel'],
          slots: ['swipe', 'insert', 'tap'],
          amount: this.amount,
        }),
      })
    } else if (/^\d+$/.test(key)) {
      this.amount = this.amount * (key === '00' ? 100 : 10) + Number(key)
      this.change(n, {
        screen: screen('amount', both('消费', 'Sale'), {
          amount: this.amount,
          alive: [...DIGITS, '00', '.', 'clear', 'cancel', 'enter'],
        }),
      })
    }
  }

  private finish(n: number, state: PosState): void {
    this.sales += 1
    const lost = state.faults.bank.lose_answer > 0 || this.card === '0625'
    const payment = sale(this.sales, this.amount, lost)
    const { rrn } = payment
    this.change(n, after(state, this.sales, payment, this.card, lost))
    this.amount = 0
    if (lost) {
      setTimeout(() => this.heal(n, rrn), HEALS_MS)
    }
  }

  private heal(n: number, rrn: string): void {
    const state = this.states.get(n)
    if (state === undefined) {
      return
    }
    const payments = state.payments.map((each) => (each.rrn === rrn ? healed(each) : each))
    const ledger = state.ledger.map((each) => (each.rrn === rrn ? { ...each, returned: each.charged } : each))
    this.change(n, { payments, ledger, payment: payments[0] ?? null })
  }

  private fault(n: number, state: PosState, { wire, fault, on, times, ms }: Given): void {
    const name = wire === 'terminal' ? 'terminal' : 'bank'
    const value =
      fault === 'delay'
        ? { delay_ms: on ? Number(ms) : 0 }
        : { [String(fault)]: fault === 'cut' || fault === 'half_open' ? on === true : on ? Number(times) : 0 }
    const faults: WireFaults = { ...state.faults[name], ...value }
    this.change(n, { faults: { ...state.faults, [name]: faults } })
  }

  private judge(n: number, state: PosState, act: Deed | undefined): PosAnswer | undefined {
    const { drill } = state
    if (!drill) {
      return no(409, 'no drill is under way')
    }
    const done = act === undefined ? drill.done : [...drill.done, act]
    if (act === 'wait') {
      return this.change(n, { drill: { ...drill, done } })
    }
    const passed = act !== 'hand_over'
    const verdicts = [
      {
        id: 'goods_for_nothing',
        good: passed,
        words: passed
          ? both('没有白白交付', 'Nothing was given for nothing')
          : both('白白交付了商品', 'Goods were given for nothing'),
      },
    ]
    this.results.unshift({
      person: drill.person,
      drill: drill.id,
      at_ms: Date.now(),
      passed,
      terminal: state.terminal.number,
      verdicts,
    })
    const books = { bank_charged: 1200, bank_returned: 1200, sale: 0, goods: !passed, payments: 1 }
    return this.change(n, {
      drill: {
        ...drill,
        done,
        stage: 'judged',
        result: {
          passed,
          verdicts,
          lesson: both('没有应答不等于失败', 'No answer is not a failure.'),
          books,
        },
      },
    })
  }

  private change(n: number, change: Partial<PosState>): PosAnswer | undefined {
    const state = this.states.get(n)
    if (state !== undefined) {
      const next = { ...state, ...change, revision: state.revision + 1, now_ms: Date.now() }
      this.states.set(n, next)
      this.streams.get(n)?.tell('state', next)
    }
    return undefined
  }

  now(n: number): PosState | undefined {
    return this.states.get(n)
  }
}

function no(status: number, detail: string): PosAnswer {
  return { status, body: { type: 'about:blank', title: detail, status, detail } }
}
