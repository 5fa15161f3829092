import type { AuditEntry } from '../../src/api/shapes'
import { BEGAN } from './rows'

export function terminals() {
  return Array.from({ length: 7 }, (_, no) => ({
    merchant: '898110253110001',
    terminal: String(10_000_001 + no),
    signed_on: no !== 3,
    batch: 1 + no,
    settled: no === 5,
    certified: no % 2 === 0,
  }))
}

export function audit(): AuditEntry[] {
  const lines = [
    ['wang', 'operator', 'order', 'link boc', 'draining: maintenance of the bank until 04:00'],
    ['lin', 'operator', 'look', '6327Y0000117', 'payment'],
    ['zhao', 'auditor', 'sign_in', 'zhao', 'with a one-time code'],
    ['lin', 'operator', 'decide', '6327Y0000113', 'has: the merchant confirmed by telephone'],
  ] as const
  return lines.map(([who, role, what, about, detail], at) => ({
    no: 904 - at,
    at_ms: BEGAN - at * 77_000,
    who,
    role,
    what,
    address: '127.0.0.1',
    about,
    detail,
  }))
}
