import type { LegIssuer, MerchantHalf } from '../../api/shapes'

/** What a half says of the sale: it stands, it does not, or the half cannot say. */
export type Says = 'yes' | 'no' | 'unsure'

export function bankSays(half: LegIssuer): Says {
  switch (half) {
    case 'charged':
    case 'held':
    case 'done':
      return 'yes'
    case 'untouched':
    case 'declined':
    case 'returned':
    case 'not_done':
    case 'undone':
      return 'no'
    case 'unknown':
      return 'unsure'
  }
}

/** An approval that was sent, and is not known to have arrived, leaves the merchant's half unsure. */
export function merchantSays(half: MerchantHalf): Says {
  switch (half) {
    case 'has':
      return 'yes'
    case 'no':
      return 'no'
    case 'waiting':
    case 'told':
      return 'unsure'
  }
}
