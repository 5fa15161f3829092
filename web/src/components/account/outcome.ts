import type { FirstPassword, Waits } from '../../api/shapes'

/** What there is to tell after an account was changed: a first password, a proposal that waits, or both. */
export interface Told {
  name: string
  password: string | null
  proposal: string | null
}

/** Nothing is told of what was simply done. */
export function toldOf(name: string, answer: FirstPassword | Waits | undefined): Told | null {
  if (answer === undefined) {
    return null
  }
  const password = 'password' in answer ? answer.password : null
  return { name, password, proposal: answer.proposal ?? null }
}
