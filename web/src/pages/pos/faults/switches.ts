import type { PosState, Wire } from '../shapes'

export const WIRE_FAULTS = [
  'cut',
  'lose_answer',
  'lose_request',
  'delay',
  'half_open',
  'corrupt_answer',
  'corrupt_request',
  'double_request',
] as const
export type WireFault = (typeof WIRE_FAULTS)[number]

export const THING_FAULTS = ['power', 'jam', 'paper', 'bank_down', 'bank_slow', 'crash'] as const
export type ThingFault = (typeof THING_FAULTS)[number]

export type Fault = WireFault | ThingFault

/** So late the answer comes: after the bank's deadline of 12 s. */
const LATE_MS = 15_000
const SLOW_MS = 8_000
const DOWN_MS = 3_000

export interface Stands {
  on: boolean
  /** How many messages it will still strike; 0 for what is on or off. */
  left: number
}

export function howItStands(state: PosState, fault: Fault, wire: Wire): Stands {
  const faults = state.faults[wire]
  switch (fault) {
    case 'cut':
      return held(faults.cut)
    case 'half_open':
      return held(faults.half_open)
    case 'delay':
      return held(faults.delay_ms > 0)
    case 'lose_answer':
    case 'lose_request':
    case 'corrupt_answer':
    case 'corrupt_request':
    case 'double_request': {
      const left = faults[fault]
      return { on: left > 0, left }
    }
    case 'power':
      return held(state.power === 'off')
    case 'jam':
      return held(state.printer.state === 'jam')
    case 'paper':
      return held(state.printer.state === 'out_of_paper')
    case 'bank_down':
      return held(!state.bank.up)
    case 'bank_slow':
      return held(state.bank.slow_ms > 0)
    case 'crash':
      return held(state.gateway === 'down')
  }
}

/** The request that turns a wire's switch over. */
export function wireRequest(fault: WireFault, wire: Wire, on: boolean) {
  const turned = { wire, fault, on: !on }
  switch (fault) {
    case 'cut':
    case 'half_open':
      return turned
    case 'delay':
      return { ...turned, ms: on ? 0 : LATE_MS }
    case 'lose_answer':
    case 'lose_request':
    case 'corrupt_answer':
    case 'corrupt_request':
    case 'double_request':
      return { ...turned, times: 1 }
  }
}

/** The request that turns another switch over. Paths that begin with a slash belong to no till. */
export function thingRequest(fault: ThingFault, on: boolean): { path: string; body: unknown } {
  switch (fault) {
    case 'power':
      return { path: 'power', body: { on } }
    case 'jam':
      return { path: 'paper', body: { printer: on ? 'ready' : 'jam' } }
    case 'paper':
      return { path: 'paper', body: { printer: on ? 'ready' : 'out_of_paper' } }
    case 'bank_down':
      return { path: '/bank', body: { state: on ? 'up' : 'down' } }
    case 'bank_slow':
      return { path: '/bank', body: on ? { state: 'up' } : { state: 'slow', ms: SLOW_MS } }
    case 'crash':
      return { path: '/crash', body: { down_ms: DOWN_MS } }
  }
}

function held(on: boolean): Stands {
  return { on, left: 0 }
}
