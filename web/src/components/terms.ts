import { DECISIONS, MAYS } from '../api/shapes'
import type { useText } from '../app/preferences'
import { ROLES } from '../app/roles'

type Text = ReturnType<typeof useText>

/** What was proposed, in words; an action that these pages do not know keeps its own name. */
export function actionWord(t: Text, action: string): string {
  const decision = DECISIONS.find((known) => known === action)
  return decision === undefined ? accountWord(t, action) : t(`decision.${decision}`)
}

/** A permission in words; one that these pages do not know keeps its own name. */
export function mayWord(t: Text, may: string): string {
  const known = MAYS.find((each) => each === may)
  return known === undefined ? may : t(`may.${known}`)
}

/** A role in words; one that these pages do not know keeps its own name. */
export function roleWord(t: Text, role: string): string {
  const known = ROLES.find((each) => each === role)
  return known === undefined ? role : t(`role.${known}`)
}

/** What is to be done with an account: the server says it in English. */
function accountWord(t: Text, action: string): string {
  const [, made, merchant] = /^new account: (\w+)(?: of (.+))?$/.exec(action) ?? []
  if (made !== undefined) {
    const role = roleWord(t, made)
    return merchant === undefined
      ? t('action.account.new', { role })
      : t('action.account.new.of', { role, merchant })
  }
  switch (action) {
    case 'enable account':
      return t('action.account.enable')
    case 'reset password and codes':
      return t('action.account.reset')
    default:
      return action
  }
}
