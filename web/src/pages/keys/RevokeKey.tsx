import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { answered, api } from '../../api/client'
import { keys } from '../../api/queries'
import type { KeyRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Dialog } from '../../components/Dialog'
import { Trouble } from '../../components/Trouble'

/** Asks before a key is ended for good. */
export function RevokeKey({ row: { id, label }, onClose }: { row: KeyRow; onClose: () => void }) {
  const t = useText()
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => answered(api.DELETE('/api/keys/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.queryKey })
      onClose()
    },
  })
  return (
    <Dialog title={t('keys.revoke.named', { label })} onClose={onClose}>
      <p>{t('keys.revoke.explained')}</p>
      {revoke.isError && <Trouble error={revoke.error} />}
      <div className="dialog-go">
        <Button onClick={onClose}>{t('app.cancel')}</Button>
        <Button type="primary" danger loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('keys.revoke')}
        </Button>
      </div>
    </Dialog>
  )
}
