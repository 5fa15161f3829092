import { useMutation, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answered, api, carryToken } from '../api/client'
import { session } from '../api/queries'
import type { May, Session } from '../api/shapes'

/** Who is signed in; null when nobody is. */
export function useSession(): Session | null {
  const { data } = useSuspenseQuery(session)
  useEffect(() => carryToken(data?.csrf ?? null), [data])
  return data
}

/** Whether this person may do something. */
export function useMay(): (what: May) => boolean {
  const signedIn = useSession()
  return (what) => signedIn?.may.includes(what) ?? false
}

export function useSignOut() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => answered(api.DELETE('/api/session')),
    onSettled: () => forget(queries),
  })
}

/** Ends the session here: nothing of this person stays behind for the next one at this screen. */
export function forget(queries: QueryClient): void {
  queries.setQueryData(session.queryKey, null)
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.queryKey[0] })
}
