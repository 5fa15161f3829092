import type { Money } from '../api/shapes'

/** The yuan, by its ISO 4217 number. */
export const CNY = 156

/** An amount as people read it, reckoned in whole minor units: no float ever holds money. */
export function money(amount: Money): string {
  if (!Number.isSafeInteger(amount.minor)) {
    throw new RangeError(`not an amount in minor units: ${amount.minor}`)
  }
  const { sign, letters, digits } = currency(amount)
  const figures = String(Math.abs(amount.minor)).padStart(digits + 1, '0')
  const whole = figures.slice(0, figures.length - digits).replace(/\B(?=(\d{3})+$)/g, ',')
  const part = digits === 0 ? '' : `.${figures.slice(-digits)}`
  const minus = amount.minor < 0 ? '−' : ''
  return sign === null ? `${minus}${letters} ${whole}${part}` : `${minus}${sign}${whole}${part}`
}

/** What a person typed as an amount of yuan, in minor units; null when it is none. */
export function minorOf(text: string): number | null {
  const found = /^\s*(\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text)
  if (found === null) {
    return null
  }
  const [, whole = '', part = ''] = found
  return Number(whole + part.padEnd(2, '0'))
}

interface Known {
  letters: string
  number: number
  sign: string | null
  digits: number
}

const KNOWN: readonly Known[] = [
  { letters: 'CNY', number: CNY, sign: '¥', digits: 2 },
  { letters: 'HKD', number: 344, sign: null, digits: 2 },
  { letters: 'USD', number: 840, sign: null, digits: 2 },
  { letters: 'EUR', number: 978, sign: null, digits: 2 },
  { letters: 'JPY', number: 392, sign: null, digits: 0 },
]

function currency({ currency }: Money): Known {
  const known = KNOWN.find(({ number }) => number === currency)
  // How many digits an unknown currency has is unknown too: it is shown in its minor units, named as such.
  return known ?? { letters: `${currency} (minor)`, number: 0, sign: null, digits: 0 }
}
