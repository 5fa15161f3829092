import type { components } from '../../api/schema'
import { cardWayValues, keyValues } from '../../api/schema'

/** What `/api/pos` answers: the virtual POS of the demonstration, by the names that its pages use. */

type Schemas = components['schemas']

export const KEYS = keyValues
export type PosKey = Schemas['Key']
export const WAYS = cardWayValues
export type Way = Schemas['CardWay']

export type Till = Schemas['PosTerminal']
export type Card = Schemas['PosCard']
export type Pos = Schemas['Pos']
export type PosState = Schemas['PosState']
export type PosScreen = Schemas['PosScreen']
export type SlipRow = Schemas['SlipRow']
export type Strip = Schemas['Strip']
export type BankIs = Schemas['BankIs']
export type WireFaults = Schemas['WireFaults']
export type Wire = Schemas['Wire']
export type PosPayment = Schemas['PosPayment']
export type Frame = Schemas['Frame']
export type FrameField = Schemas['FrameField']
export type FrameDetail = Schemas['FrameDetail']
export type Drill = Schemas['Drill']
export type Deed = Schemas['Deed']
export type DrillRun = Schemas['DrillRun']
export type DrillResult = Schemas['DrillResult']
