import { describe, expect, test } from 'vitest'
import { countdown, gatewayNow } from './clocks'
import { byPerson } from './drills/people'
import { howItStands, THING_FAULTS, thingRequest, WIRE_FAULTS, wireRequest } from './faults/switches'
import { fieldOf, marked } from './frames/marks'
import { keyOf, keysTo, type Struck } from './keys'
import { advance, NOTHING_DONE } from './progress'
import type { DrillResult, FrameField, PosKey, PosPayment } from './shapes'
import { fresh, healed, sale, TILLS } from '../../../tests/mock/pos-state'

const till = TILLS[0]
if (till === undefined) {
  throw new Error('the mock has no till')
}
const state = fresh(till)

describe('the keyboard', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false, focus: 'none' as const }
  test.each<[string, Partial<Struck>, PosKey | null]>([
    ['7', {}, '7'],
    ['.', {}, '.'],
    [',', {}, '.'],
    ['Enter', {}, 'enter'],
    ['Backspace', {}, 'clear'],
    ['Escape', {}, 'cancel'],
    ['m', {}, 'menu'],
    ['a', {}, null],
    ['7', { ctrlKey: true }, null],
    ['7', { focus: 'text' }, null],
    ['7', { focus: 'button' }, '7'],
    ['Enter', { focus: 'button' }, null],
    [' ', { focus: 'button' }, null],
  ])('%s with %j presses %s', (key, other, pressed) => {
    expect(keyOf({ ...plain, ...other, key })).toBe(pressed)
  })

  test('a touched line of the menu is reached by its arrows', () => {
    expect(keysTo(0, 2)).toEqual(['down', 'down', 'enter'])
    expect(keysTo(3, 1)).toEqual(['up', 'up', 'enter'])
    expect(keysTo(1, 1)).toEqual(['enter'])
  })
})

describe('clocks', () => {
  test('the gateway’s moment goes on while it is silent, as fast as its time runs', () => {
    expect(gatewayNow(1_000, 500, 2_500, 1)).toBe(3_000)
    expect(gatewayNow(1_000, 500, 2_500, 60)).toBe(121_000)
    expect(gatewayNow(1_000, 500, 400, 60)).toBe(1_000)
  })

  test.each([
    [7_000, '0:07'],
    [6_001, '0:07'],
    [-5, '0:00'],
    [759_000, '12:39'],
    [11_100_000, '3:05:00'],
  ])('%i ms are shown as %s', (left, shown) => {
    expect(countdown(left)).toBe(shown)
  })
})

describe('the bytes of a field', () => {
  const field = (offset: number, length: number, inside = false): FrameField => ({
    number: 'F',
    name: { zh: '', en: '' },
    value: '',
    offset,
    length,
    hex: '',
    note: null,
    inside,
  })
  const fields = [
    field(0, 2),
    field(2, 9),
    field(4, 0, true),
    field(5, 0, true),
    field(10, 0, true),
    field(10, 0, true),
    field(11, 1),
  ]
  test.each([
    [0, 0, 2],
    [1, 2, 11],
    [2, 4, 5],
    [3, 5, 10],
    [4, 10, 11],
    [5, 10, 11],
    [6, 11, 12],
  ])('row %i marks bytes %i up to %i', (at, start, end) => {
    expect(marked(fields, at)).toEqual({ start, end })
  })

  test('a byte leads to the field around it', () => {
    expect(fieldOf(fields, 6)).toBe(1)
    expect(fieldOf(fields, 11)).toBe(6)
    expect(fieldOf(fields, 40)).toBe(-1)
    expect(marked(fields, -1)).toBeNull()
  })
})

describe('switches', () => {
  test('each is off at first, and turned over by its request', () => {
    for (const fault of [...WIRE_FAULTS, ...THING_FAULTS]) {
      expect(howItStands(state, fault, 'bank')).toEqual({ on: false, left: 0 })
    }
    expect(wireRequest('cut', 'terminal', false)).toEqual({ wire: 'terminal', fault: 'cut', on: true })
    expect(wireRequest('delay', 'bank', true)).toEqual({ wire: 'bank', fault: 'delay', on: false, ms: 0 })
    expect(wireRequest('lose_answer', 'bank', false)).toMatchObject({ on: true, times: 1 })
    expect(thingRequest('power', true)).toEqual({ path: 'power', body: { on: true } })
    expect(thingRequest('bank_down', false)).toEqual({ path: '/bank', body: { state: 'down' } })
  })
})

describe('the three steps', () => {
  const [good, torn]: PosPayment[] = [sale(1, 100, false), sale(2, 100, true)]
  test('a payment, a fault and a healed payment are each one', () => {
    if (good === undefined || torn === undefined) {
      throw new Error('no payments')
    }
    const begun = advance(NOTHING_DONE, [], false)
    expect(begun).toMatchObject({ pay: false, break: false, heal: false })
    const paid = advance(begun, [good], false)
    expect(paid).toMatchObject({ pay: true, break: false, heal: false })
    const broken = advance(paid, [torn, good], true)
    expect(broken).toMatchObject({ pay: true, break: true, heal: false })
    expect(advance(broken, [healed(torn), good], false)).toMatchObject({ heal: true })
  })

  test('a payment that matched at once has healed nothing', () => {
    const begun = advance(NOTHING_DONE, [], false)
    expect(advance(begun, good === undefined ? [] : [good], false).heal).toBe(false)
  })

  test('what was there before the visit is nobody’s doing', () => {
    expect(advance(NOTHING_DONE, good === undefined ? [] : [good], false).pay).toBe(false)
  })

  test('a payment that was given back between two looks was healed', () => {
    const begun = advance(NOTHING_DONE, [], false)
    const back = torn === undefined ? [] : [healed(torn)]
    expect(advance(begun, back, false)).toMatchObject({ break: true, heal: true })
  })
})

test('of a person’s drills each counts once, by its newest result', () => {
  const result = (person: string, drill: string, passed: boolean): DrillResult => ({
    person,
    drill,
    passed,
    at_ms: 0,
    terminal: '',
    verdicts: [],
  })
  const results = [
    result('Li', 'a', true),
    result('Li', 'a', false),
    result('Li', 'b', false),
    result('Mei', 'a', true),
    result('Mei', 'b', true),
  ]
  expect(byPerson(results)).toEqual([
    { person: 'Mei', passed: 2, tried: 2 },
    { person: 'Li', passed: 1, tried: 2 },
  ])
})
