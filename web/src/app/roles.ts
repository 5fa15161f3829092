/** The roles, as the server names them. */
export const ROLES = [
  'cashier',
  'merchant_owner',
  'service_agent',
  'risk',
  'finance',
  'operator',
  'auditor',
] as const
export type Role = (typeof ROLES)[number]

/** Whether a role belongs to one merchant. */
export function isOfAMerchant(role: string): boolean {
  return role === 'cashier' || role === 'merchant_owner'
}
