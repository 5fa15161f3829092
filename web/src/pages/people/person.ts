import type { NewAccount } from '../../api/shapes'
import { isOfAMerchant, type Role } from '../../app/roles'
import { reasonOf } from '../../components/reason'

/** What the form gives. */
export interface Given {
  name: string
  display: string
  role: Role
  merchant?: string
  language: 'zh' | 'en'
  reason: string
}

/** The account of a person: a merchant stands in it only where the role is of one. */
export function personOf({ merchant, reason, ...given }: Given): NewAccount {
  const of = isOfAMerchant(given.role) ? (merchant ?? null) : null
  return { ...given, merchant: of, reason: reasonOf(reason) }
}
