import type { Session } from '../api/shapes'
import { isOfAMerchant } from './roles'

/** Where sign-in leads: who belongs to a shop goes to the shop's page, the others to the console. */
export function homeOf({ role }: Pick<Session, 'role'>): string {
  return isOfAMerchant(role) ? '/merchant' : '/'
}
