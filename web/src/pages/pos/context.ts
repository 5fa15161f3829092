import { createContext, useContext } from 'react'
import type { Progress } from './progress'
import type { Card, PosKey, PosState, Way } from './shapes'

/** What all parts of the page share: the till's state, and what can be done with it. */
export interface Stage {
  state: PosState
  heard_ms: number
  progress: Progress
  cards: readonly Card[]
  card: Card
  choose: (card: Card) => void
  press: (key: PosKey) => void
  present: (card: Card, how: Way) => void
  /** Whether something that was done has not been answered. */
  isAhead: () => boolean
  send: (path: string, body: unknown) => Promise<boolean>
}

export const StageContext = createContext<Stage | null>(null)

export function useStage(): Stage {
  const stage = useContext(StageContext)
  if (stage === null) {
    throw new Error('the virtual POS is read outside of its page')
  }
  return stage
}
