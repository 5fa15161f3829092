import { DECISIONS, MAYS } from '../api/shapes'
import type { useText } from '../app/preferences'

type Text = ReturnType<typeof useText>

/** What was proposed, in words; an action that these pages do not know keeps its own name. */
export function actionWord(t: Text, action: string): string {
  const decision = DECISIONS.find((known) => known === action)
  return decision === undefined ? action : t(`decision.${decision}`)
}

/** A permission in words; one that these pages do not know keeps its own name. */
export function mayWord(t: Text, may: string): string {
  const known = MAYS.find((each) => each === may)
  return known === undefined ? may : t(`may.${known}`)
}
