import { QueryClient } from '@tanstack/react-query'
import { Refused } from '../api/client'
import { alarms, health, links, newest, risk, session } from '../api/queries'
import type { May, Session } from '../api/shapes'
import { homeOf } from './home'

/** What was asked of the gateway, for all pages. */
export const asked = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; only a lost answer is asked for again.
      retry: (failures, error) => !(error instanceof Refused) && failures < 2,
    },
  },
})

/** Begins to ask for what the first screen shows while its scripts still arrive. The page waits for none of it. */
export function askAhead(): null {
  asked.query(session).then(askFor).catch(shown)
  return null
}

/** Asks for what this person may see; for the others a refusal would be noted. */
function askFor(known: Session | null) {
  if (known === null || known.must_change_password || known.must_enrol || homeOf(known) !== '/') {
    return
  }
  const may = (what: May) => known.may.includes(what)
  asked.query(health).catch(shown)
  if (may('payments')) {
    asked.query(newest).catch(shown)
  }
  if (may('risk')) {
    asked.query(risk).catch(shown)
  }
  if (may('links')) {
    asked.query(links).catch(shown)
  }
  if (may('alarms')) {
    asked.query(alarms).catch(shown)
  }
}

/** What fails is asked for again, and shown, by the part of the page that wants it. */
function shown() {
  return undefined
}
