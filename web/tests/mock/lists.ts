import type { AuditEntry, RiskSample, TerminalRow } from '../../src/api/shapes'
import { BEGAN } from './rows'

export function terminals(): TerminalRow[] {
  return Array.from({ length: 7 }, (_, no) => ({
    merchant: '898110253110001',
    terminal: String(10_000_001 + no),
    signed_on: no !== 3,
    batch: 1 + no,
    settled: no === 5,
    certified: no % 2 === 0,
  }))
}

export function audit(who: string, what: string): AuditEntry[] {
  const lines = [
    ['wang', 'operator', 'order', 'link boc', 'draining: maintenance of the bank until 04:00'],
    ['lin', 'operator', 'look', '6327Y0000117', 'payment'],
    ['zhao', 'auditor', 'sign_in', 'zhao', 'with a one-time code'],
    ['lin', 'operator', 'decide', '6327Y0000113', 'has: the merchant confirmed by telephone'],
  ] as const
  const all = lines.map(([who, role, what, about, detail], at) => ({
    no: 904 - at,
    at_ms: BEGAN - at * 77_000,
    who,
    role,
    what,
    address: '127.0.0.1',
    about,
    detail,
  }))
  return all.filter((line) => [line.who, ''].includes(who) && [line.what, ''].includes(what))
}

/** A day of money at risk. */
export function history(): RiskSample[] {
  return Array.from({ length: 288 }, (_, at) => ({
    at_ms: BEGAN - (288 - at) * 300_000,
    amount_minor: Math.max(0, Math.round(600_000 + 500_000 * Math.sin(at / 23) + 240_000 * Math.sin(at / 5))),
    count: 10 + (at % 17),
  }))
}
