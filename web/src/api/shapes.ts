import type { components, operations } from './schema'
import { decisionValues, linkModeValues, permissionValues, viewValues } from './schema'

/** What the API answers and takes, by the names that the pages use: aliases of what openapi.json gives. */

type Schemas = components['schemas']

export const VIEWS = viewValues
export type View = Schemas['View']
export type IssuerHalf = Schemas['IssuerHalf']
/** What the bank did, about a whole payment or about one transaction of it. */
export type LegIssuer = IssuerHalf | Schemas['LegIssuer']
export type MerchantHalf = Schemas['MerchantHalf']
export type Direction = Schemas['Direction']
export type DutyKind = Schemas['DutyKind']
export const DECISIONS = decisionValues
export type Decision = Schemas['Decision']
export type Kind = Schemas['Kind']
export const LINK_MODES = linkModeValues
export type LinkMode = Schemas['LinkMode']

/** What a person may do; a page or a button without its permission is not shown. */
export const MAYS = permissionValues
export type May = Schemas['Permission']
export type Role = Schemas['Role']
export type Language = Schemas['Language']

export type Money = Schemas['Money']
/** An ISO 4217 currency, by its number. */
export type Currency = Money['currency']
export type Words = Schemas['Words']
export type Problem = Schemas['Problem']
export interface List<Item> {
  items: Item[]
  next: string | null
}

export type Session = Schemas['Session']
export type Duty = Schemas['Duty']
export type PaymentRow = Schemas['PaymentRow']
export type Leg = Schemas['Leg']
export type TimelineEntry = Schemas['TimelineEntry']
export type Notice = Schemas['Notice']
export type Posting = Schemas['Posting']
export type Action = Schemas['Action']
export type PaymentPage = Schemas['PaymentPage']
export type Proposal = Schemas['ProposalRow']
export type RiskNow = Schemas['RiskNow']
export type RiskSample = Schemas['RiskSample']
export type Risk = Schemas['Risk']
export type LinkRow = Schemas['LinkRow']
export type TerminalRow = Schemas['TerminalRow']
export type Alarm = Schemas['Alarm']
export type Health = Schemas['Health']
export type AuditEntry = Schemas['AuditEntry']
export type Account = Schemas['AccountRow']
export type NewAccount = Schemas['AccountBody']
/** A first password, told once. */
export type FirstPassword = Schemas['FirstBody']
/** What waits for a second person. */
export type Waits = Schemas['Waits']
export type KeyRow = Schemas['KeyRow']
export type KeyBody = Schemas['KeyBody']
/** A machine's key, told once. */
export type MadeBody = Schemas['MadeBody']
export type Batch = Schemas['Batch']
export type BatchSide = Schemas['BatchSide']
export type RefundMade = Schemas['RefundMade']
export type PaymentQuery = Omit<
  NonNullable<operations['listPayments']['parameters']['query']>,
  'cursor' | 'limit'
>
