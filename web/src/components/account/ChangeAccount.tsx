import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answered, api } from '../../api/client'
import { accounts, proposals } from '../../api/queries'
import type { FirstPassword, Waits } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { ReasonDialog } from '../ReasonDialog'
import { toldOf, type Told } from './outcome'

export interface Change {
  name: string
  what: 'disable' | 'enable' | 'reset'
}

interface ChangeAccountProps {
  change: Change
  onDone: (told: Told | null) => void
  onClose: () => void
}

/** Ends an account, lets it in again, or gives it a new first password; with a reason. */
export function ChangeAccount({ change, onDone, onClose }: ChangeAccountProps) {
  const t = useText()
  const queries = useQueryClient()
  const { name, what } = change
  const make = useMutation({
    mutationFn: (reason: string) => send(change, reason),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: accounts.queryKey })
      await queries.invalidateQueries({ queryKey: proposals.queryKey })
      onDone(toldOf(name, answer))
    },
  })
  return (
    <ReasonDialog
      title={t(`account.${what}.named`, { name })}
      confirm={t(`account.${what}`)}
      danger={what === 'disable'}
      busy={make.isPending}
      error={make.error}
      onConfirm={(reason) => make.mutate(reason)}
      onCancel={onClose}
    >
      <p className="account-note">{t(`account.${what}.explained`)}</p>
    </ReasonDialog>
  )
}

function send({ name, what }: Change, reason: string): Promise<FirstPassword | Waits | undefined> {
  const asked = { params: { path: { name } }, body: { reason } }
  switch (what) {
    case 'disable':
      return answered(api.POST('/api/accounts/{name}/disable', asked))
    case 'enable':
      return answered(api.POST('/api/accounts/{name}/enable', asked))
    case 'reset':
      return answered(api.POST('/api/accounts/{name}/reset', asked))
  }
}
