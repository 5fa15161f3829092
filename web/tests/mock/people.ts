import type { Account, KeyRow, Role, Session } from '../../src/api/shapes'
import { problem, type Answer, type Asked } from './api'
import { BEGAN } from './rows'

const DAY = 86_400_000
const SHOP = '898110253110001'

/** Accounts and keys: what an operator does with accounts waits for a second person, what an owner does is done. */
export class MockPeople {
  accounts: Account[] = [
    account('lin', '林 Lin', 'operator', { totp: true }),
    account('mei', '梅 Mei', 'cashier', {}),
    account('rong', '荣 Rong', 'merchant_owner', { totp: true, language: 'en' }),
    account('sun', '孙 Sun', 'finance', { demo: true }),
    account('tao', '陶 Tao', 'cashier', { disabled: true }),
    account('wang', '王 Wang', 'operator', { totp: true }),
    account('zhao', '赵 Zhao', 'auditor', { must_change_password: true }),
  ]
  keys: KeyRow[] = [
    key('k7q2mzax', 'reconciliation', 'auditor', { used_ms: BEGAN - 40_000 }),
    key('b3tr55ng', 'watch over links', 'operator', { made_by: 'wang' }),
    key('ye2wd6qc', 'the old dashboard', 'auditor', { expires_ms: BEGAN - DAY, used_ms: BEGAN - 2 * DAY }),
    key('c4hh7aod', 'lost laptop', 'operator', { revoked: true }),
  ]
  /** Accounts of one answer. */
  page = 200
  private readonly waiting = new Map<string, () => void>()

  constructor(private readonly propose: (about: string, action: string, reason: string) => string) {}

  /** Nothing when it was not asked about people. */
  answer({ method, path, query, body }: Asked, session: Session): Answer | null {
    const [, , room = '', name = '', verb = ''] = path.split('/')
    switch (`${method} ${room}${name && '/x'}${verb && `/${verb}`}`) {
      case 'GET accounts':
        return this.list(query, session)
      case 'POST accounts':
        return this.create(body, session)
      case 'POST accounts/x/disable':
        this.set(name, { disabled: true })
        return { status: 204 }
      case 'POST accounts/x/enable':
        return this.submit(session, name, 'enable account', body, () => this.set(name, { disabled: false }))
      case 'POST accounts/x/reset':
        return this.submit(
          session,
          name,
          'reset password and codes',
          body,
          () => this.set(name, { must_change_password: true, totp: false }),
          'another-pass-word',
        )
      case 'GET keys':
        return { status: 200, body: { items: this.keys, next: null } }
      case 'POST keys':
        return this.make(body)
      case 'DELETE keys/x':
        this.keys = this.keys.map((each) => (each.id === name ? { ...each, revoked: true } : each))
        return { status: 204 }
      default:
        return null
    }
  }

  /** What a second person said of a proposal. */
  decided(id: string, approved: boolean): void {
    if (approved) {
      this.waiting.get(id)?.()
    }
    this.waiting.delete(id)
  }

  private list(query: URLSearchParams, { merchant }: Session): Answer {
    if ([...query.keys()].some((key) => key !== 'cursor')) {
      return problem(400, 'a page of accounts has a cursor and nothing else')
    }
    const after = this.accounts.filter(({ name }) => name > (query.get('cursor') ?? ''))
    const found = after.slice(0, this.page)
    const own = (each: Account) =>
      merchant === null || (each.role === 'cashier' && each.merchant === merchant)
    const next = found.length < this.page ? null : (found.at(-1)?.name ?? null)
    return { status: 200, body: { items: found.filter(own), next } }
  }

  private create(body: Record<string, unknown>, session: Session): Answer {
    const { name, display, role, merchant, language } = body as unknown as Account
    if (this.accounts.some((each) => each.name === name)) {
      return problem(409, `there is an account \`${name}\` already`)
    }
    if ((merchant !== null) !== ['cashier', 'merchant_owner'].includes(role)) {
      return problem(400, `role and merchant of ${role} do not fit`)
    }
    const made = account(name, display, role, { merchant, language, must_change_password: true })
    const called = `new account: ${role}${merchant === null ? '' : ` of ${merchant}`}`
    const add = () => {
      this.accounts = [...this.accounts, made].sort((one, other) => (one.name < other.name ? -1 : 1))
    }
    return this.submit(session, name, called, body, add, 'first-pass-word')
  }

  /** Does it for an owner, proposes it for an operator. */
  private submit(
    { merchant }: Session,
    name: string,
    called: string,
    body: Record<string, unknown>,
    apply: () => void,
    password?: string,
  ): Answer {
    const reason = String(body.reason)
    if (reason.length > 200 || reason.includes('\n')) {
      return problem(400, 'reason: 1 to 200 characters, and no control characters')
    }
    if (merchant === null) {
      const proposal = this.propose(name, called, reason)
      this.waiting.set(proposal, apply)
      return { status: 202, body: { password, proposal } }
    }
    apply()
    return password === undefined ? { status: 204 } : { status: 201, body: { password } }
  }

  private make({ label, role, days }: Record<string, unknown>): Answer {
    if (typeof days !== 'number' || days < 1 || days > 732) {
      return problem(400, 'a key lasts from a minute to two years')
    }
    const made = key('n3wk3yaa', String(label), role as Role, { expires_ms: Date.now() + days * DAY })
    this.keys = [made, ...this.keys]
    return { status: 201, body: { id: made.id, key: `hefu_${made.id}_the-secret-of-the-key` } }
  }

  private set(name: string, change: Partial<Account>): void {
    this.accounts = this.accounts.map((each) => (each.name === name ? { ...each, ...change } : each))
  }
}

function account(name: string, display: string, role: Role, other: Partial<Account>): Account {
  return {
    name,
    display,
    role,
    merchant: ['cashier', 'merchant_owner'].includes(role) ? SHOP : null,
    language: 'zh',
    must_change_password: false,
    totp: false,
    demo: false,
    disabled: false,
    created_ms: BEGAN - 9 * DAY,
    ...other,
  }
}

function key(id: string, label: string, role: Role, other: Partial<KeyRow>): KeyRow {
  return {
    id,
    label,
    role,
    merchant: null,
    made_by: 'lin',
    created_ms: BEGAN - 30 * DAY,
    expires_ms: BEGAN + 60 * DAY,
    used_ms: null,
    revoked: false,
    ...other,
  }
}
