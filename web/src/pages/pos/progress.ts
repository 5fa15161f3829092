import type { PosPayment, PosState } from './shapes'

export const HINTS = ['pay', 'break', 'heal'] as const
export type Hint = (typeof HINTS)[number]

/** What a visitor has done; `torn` names the payments that were seen one-sided, `old` those from before the visit. */
export type Progress = Record<Hint, boolean> & { torn: readonly string[]; old: readonly string[] | null }

export const NOTHING_DONE: Progress = { pay: false, break: false, heal: false, torn: [], old: null }

/** What is done after these payments were seen; once done it stays so. */
export function advance(before: Progress, payments: readonly PosPayment[], broken: boolean): Progress {
  const old = before.old ?? payments.map(({ id }) => id)
  const torn = payments.filter(isTorn).map(({ id }) => id)
  const known = [...new Set([...before.torn, ...torn])].slice(-100)
  const own = payments.filter(({ id }) => !old.includes(id))
  // Charged and given back between two looks: it was one-sided, though nobody saw it.
  const returned = own.some(({ view, matched }) => matched && view === 'returned')
  return {
    pay: before.pay || own.some(({ view }) => view === 'approved'),
    break: before.break || broken || returned || torn.length > 0,
    heal: before.heal || returned || payments.some(({ id, matched }) => matched && known.includes(id)),
    torn: known,
    old,
  }
}

/** Not in step: nobody knows, or money is on its way back. A sale under way, or just told, is no such payment. */
export function isTorn({ view, matched }: PosPayment): boolean {
  return !matched && (view === 'unknown' || view === 'returning' || view === 'under_review')
}

/** Whether anything is switched on against the till. */
export function isBroken({ power, gateway, bank, printer, faults }: PosState): boolean {
  const wires = [faults.terminal, faults.bank].some(
    ({ cut, half_open, struck, delay_ms, lose_request, lose_answer, corrupt_request, corrupt_answer }) =>
      cut ||
      half_open ||
      struck + delay_ms + lose_request + lose_answer + corrupt_request + corrupt_answer > 0,
  )
  return (
    wires ||
    power === 'off' ||
    gateway === 'down' ||
    !bank.up ||
    bank.slow_ms > 0 ||
    printer.state !== 'ready'
  )
}
