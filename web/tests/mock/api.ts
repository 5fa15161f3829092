import { MAYS } from '../../src/api/shapes'
import type {
  Alarm,
  AuditEntry,
  Batch,
  Health,
  LinkRow,
  List,
  PaymentPage,
  PaymentRow,
  Problem,
  Proposal,
  RefundMade,
  Risk,
  Session,
  TerminalRow,
} from '../../src/api/shapes'
import type { components } from '../../src/api/schema'
import { audit, history, terminals } from './lists'
import { MockPeople } from './people'
import { BEGAN, row } from './rows'
import { shopBatches } from './shop'
import { slip, story } from './story'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
  csrf: string | undefined
  signedIn: boolean
}

export interface Answer {
  status: number
  body?: unknown
  text?: string
  /** Opens or ends the session. */
  session?: boolean
}

export const CSRF = 'mock-token'
export const PASSWORD = 'a long password'
export const CODE = '123456'

/** The API without a gateway behind it: it remembers, and refuses what the gateway would refuse. */
export class MockApi {
  /** How the person stands who is to sign in. */
  session: Session = {
    name: 'lin',
    display: '林 Lin',
    role: 'operator',
    merchant: null,
    language: 'zh',
    csrf: CSRF,
    may: [...MAYS],
    must_change_password: false,
    totp: true,
    must_enrol: false,
  }
  readonly rows: PaymentRow[] = Array.from({ length: 120 }, (_, no) => row(no)).reverse()
  readonly proposals: Proposal[] = [
    proposal(
      'p-7',
      'wang',
      this.rows[2]?.rrn ?? '',
      'undone',
      'The statement of 22 November shows it given back',
      true,
    ),
    proposal('p-8', 'lin', this.rows[6]?.rrn ?? '', 'close', 'Settled with the merchant by telephone', false),
  ]
  links: LinkRow[] = [
    link('icbc', 1, {}),
    link('ccb', 2, { tripped: true, waiting: 41, failures: 17, flying: 1, window: 1 }),
    link('boc', 3, {
      up: false,
      mode: 'draining',
      by: 'wang',
      reason: 'maintenance of the bank until 04:00',
    }),
  ]
  readonly people = new MockPeople((about, action, reason) => this.propose(about, action, reason))
  health: Health = { node: 'running', refuses: null, open: 31, uncommitted: 0, parked: 0, version: '0.1.0' }
  readonly alarms: Alarm[] = [
    { at_ms: BEGAN - 60_000, what: 'link ccb: 10 messages in a row without an answer; the breaker is open' },
    { at_ms: BEGAN - 1_900_000, what: 'payment 6327Y0000007: a person must look' },
  ]

  answer(asked: Asked): Answer {
    const { method, path } = asked
    if (path === '/api/session' && method === 'POST') {
      return this.signIn(asked)
    }
    if (!asked.signedIn) {
      return problem(401, 'not signed in')
    }
    if (method !== 'GET' && asked.csrf !== CSRF) {
      return problem(403, 'the token is missing')
    }
    return this.inside(asked)
  }

  private inside(asked: Asked): Answer {
    const { method, path, query, body } = asked
    const [, , room = '', name = '', verb = ''] = path.split('/')
    switch (`${method} ${room}${name && '/x'}${verb && `/${verb}`}`) {
      case 'GET session':
        return ok<Session>(this.session)
      case 'DELETE session':
        return { status: 204, session: false }
      case 'POST session/x':
        return name === 'totp'
          ? ok<components['schemas']['OfferBody']>({
              uri: 'otpauth://totp/Hefu:lin?secret=JBSWY3DPEHPK3PXP&issuer=Hefu',
              secret: 'JBSWY3DPEHPK3PXP',
            })
          : this.password(body)
      case 'PUT session/x':
        return body.code === CODE ? { status: 204 } : problem(409, 'that code is not of this key')
      case 'GET payments':
        return this.list(query)
      case 'GET payments/x':
        return this.one(name, (found) => ok<PaymentPage>(story(found)))
      case 'GET payments/x/slip':
        return this.one(name, (found) =>
          found.view === 'declined'
            ? problem(404, 'there is no slip')
            : { status: 200, text: slip(found, query.get('language') ?? 'zh') },
        )
      case 'POST payments/x/decision':
        return this.decide(name, body)
      case 'POST payments/x/refund':
        return this.one(name, () =>
          Number(body.amount) === 888
            ? { status: 202, body: { rrn: '6327Z0000002', done: false } satisfies RefundMade }
            : { status: 201, body: { rrn: '6327Z0000001', done: true } satisfies RefundMade },
        )
      case 'GET batches':
        return ok<List<Batch>>(whole(shopBatches()))
      case 'GET proposals':
        return ok<List<Proposal>>(whole(this.proposals))
      case 'POST proposals/x/approve':
      case 'POST proposals/x/refuse':
        this.people.decided(name, verb === 'approve')
        this.proposals.splice(0, this.proposals.length, ...this.proposals.filter(({ id }) => id !== name))
        return { status: 204 }
      case 'GET risk':
        return ok<Risk>({
          now: { amount: { minor: 1_284_630, currency: 156 }, count: 23, oldest_ms: BEGAN - 5_400_000 },
          history: history(),
        })
      case 'GET links':
        return ok<List<LinkRow>>(whole(this.links))
      case 'POST links/x/mode':
        this.links = this.links.map((each) =>
          each.name === name
            ? { ...each, mode: body.mode as LinkRow['mode'], by: 'lin', reason: String(body.reason) }
            : each,
        )
        return { status: 204 }
      case 'GET terminals':
        return ok<List<TerminalRow>>(whole(terminals()))
      case 'GET alarms':
        return ok<List<Alarm>>(whole(this.alarms))
      case 'GET health':
        return ok<Health>(this.health)
      case 'GET audit':
        return ok<List<AuditEntry>>(whole(audit(query.get('who') ?? '', query.get('what') ?? '')))
      default:
        return this.people.answer(asked, this.session) ?? problem(404, `there is no ${method} ${path}`)
    }
  }

  private signIn({ body }: Asked): Answer {
    if (body.password !== PASSWORD) {
      return body.name === 'locked'
        ? {
            ...problem(429, 'too many tries'),
            body: { ...shape(429, 'too many tries'), until_ms: Date.now() + 90_000 },
          }
        : problem(401, 'name, password or code is wrong')
    }
    if (this.session.totp && body.code === undefined) {
      return { status: 401, body: { ...shape(401, 'a code is wanted'), code_wanted: true } }
    }
    if (this.session.totp && body.code !== CODE) {
      return problem(401, 'name, password or code is wrong')
    }
    return { status: 200, body: this.session, session: true }
  }

  private password(body: Record<string, unknown>): Answer {
    if (body.old !== PASSWORD) {
      return problem(409, 'the present password is another one')
    }
    this.session = { ...this.session, must_change_password: false }
    return { status: 204 }
  }

  private list(query: URLSearchParams): Answer {
    const fits = (each: PaymentRow) =>
      (!query.has('view') || each.view === query.get('view')) &&
      (!query.has('terminal') || each.terminal === query.get('terminal')) &&
      (!query.has('amount') || each.amount.minor === Number(query.get('amount'))) &&
      (!query.has('open') || !each.matched || each.duty !== null) &&
      [each.rrn, each.card].some((text) => text.includes(query.get('q') ?? ''))
    const found = this.rows.filter(fits)
    const from = Number(query.get('cursor') ?? 0)
    const upto = from + Math.min(Number(query.get('limit') ?? 50), 200)
    return ok<List<PaymentRow>>({
      items: found.slice(from, upto),
      next: upto < found.length ? String(upto) : null,
    })
  }

  private one(rrn: string, then: (found: PaymentRow) => Answer): Answer {
    const found = this.rows.find((each) => each.rrn === rrn)
    return found === undefined ? problem(404, `no payment has the reference ${rrn}`) : then(found)
  }

  private decide(rrn: string, { decision, reason }: Record<string, unknown>): Answer {
    if (decision === 'has' || decision === 'has_not') {
      const found = this.rows.find((each) => each.rrn === rrn)
      if (found !== undefined) {
        found.duty = null
      }
      return { status: 204 }
    }
    return { status: 202, body: { proposal: this.propose(rrn, String(decision), String(reason)) } }
  }

  private propose(about: string, action: string, reason: string): string {
    const id = `p-${9 + this.proposals.length}`
    this.proposals.push(proposal(id, 'lin', about, action, reason, false))
    return id
  }
}

function proposal(
  id: string,
  by: string,
  about: string,
  action: string,
  reason: string,
  may: boolean,
): Proposal {
  return {
    id,
    by,
    at_ms: BEGAN - 600_000,
    expires_ms: BEGAN + 3_000_000,
    about,
    action,
    reason,
    may_approve: may,
  }
}

function link(name: string, no: number, other: Partial<LinkRow>): LinkRow {
  return {
    name,
    link: no,
    up: true,
    mode: 'normal',
    tripped: false,
    by: null,
    reason: null,
    flying: 12,
    window: 64,
    waiting: 0,
    failures: 0,
    ...other,
  }
}

function shape(status: number, detail: string): Problem {
  return { type: 'about:blank', title: detail, status, detail }
}

export function problem(status: number, detail: string): Answer {
  return { status, body: shape(status, detail) }
}

function ok<Body>(body: NoInfer<Body>): Answer {
  return { status: 200, body }
}

function whole<Item>(items: readonly Item[]): List<Item> {
  return { items: [...items], next: null }
}
