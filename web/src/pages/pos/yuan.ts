import { CNY, money } from '../../format/money'

/** Fen as people read them. */
export function yuan(fen: number): string {
  return money({ minor: fen, currency: CNY })
}
