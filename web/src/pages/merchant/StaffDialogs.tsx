import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { answered, api } from '../../api/client'
import { accounts } from '../../api/queries'
import { usePreferences, useText } from '../../app/preferences'
import { Dialog } from '../../components/Dialog'
import { ReasonDialog } from '../../components/ReasonDialog'
import { Trouble } from '../../components/Trouble'

/** A first password, and whose it is. */
export interface Told {
  name: string
  password: string
}

export interface Change {
  name: string
  what: 'disable' | 'enable' | 'reset'
}

interface Done {
  onDone: (told: Told | null) => void
}

export function AddCashier({ merchant, onDone }: { merchant: string } & Done) {
  const t = useText()
  const queries = useQueryClient()
  const { language } = usePreferences()
  const add = useMutation({
    mutationFn: (given: { name: string; display: string }) =>
      answered(
        api.POST('/api/accounts', {
          body: { ...given, role: 'cashier', merchant, language, reason: t('staff.reason') },
        }),
      ),
    onSuccess: async ({ password }, { name }) => {
      await queries.invalidateQueries({ queryKey: accounts.queryKey })
      onDone({ name, password })
    },
  })
  return (
    <Dialog title={t('staff.add')} onClose={() => onDone(null)}>
      <Form
        layout="vertical"
        requiredMark={false}
        onFinish={(given: { name: string; display: string }) => add.mutate(given)}
      >
        <Form.Item
          name="display"
          label={t('staff.display')}
          rules={[{ required: true, whitespace: true, message: t('sign_in.wanted') }]}
        >
          <Input autoFocus maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('staff.name')}
          extra={t('staff.name.rule')}
          rules={[{ required: true, pattern: /^[a-z0-9._-]{2,32}$/, message: t('staff.name.rule') }]}
        >
          <Input maxLength={32} autoComplete="off" autoCapitalize="none" />
        </Form.Item>
        {add.isError && <Trouble error={add.error} />}
        <div className="dialog-go">
          <Button onClick={() => onDone(null)}>{t('app.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={add.isPending}>
            {t('staff.add')}
          </Button>
        </div>
      </Form>
    </Dialog>
  )
}

/** Changes an account; resolves with its new first password, if it gets one. */
async function make({ name, what }: Change, reason: string): Promise<string | null> {
  const asked = { params: { path: { name } }, body: { reason } }
  switch (what) {
    case 'disable':
      await answered(api.POST('/api/accounts/{name}/disable', asked))
      return null
    case 'enable':
      await answered(api.POST('/api/accounts/{name}/enable', asked))
      return null
    case 'reset':
      return (await answered(api.POST('/api/accounts/{name}/reset', asked))).password
  }
}

export function ChangeAccount({ change, onDone }: { change: Change } & Done) {
  const t = useText()
  const queries = useQueryClient()
  const { name, what } = change
  const sent = useMutation({
    mutationFn: (reason: string) => make(change, reason),
    onSuccess: async (password) => {
      await queries.invalidateQueries({ queryKey: accounts.queryKey })
      onDone(password === null ? null : { name, password })
    },
  })
  return (
    <ReasonDialog
      title={t(`staff.${what}.named`, { name })}
      confirm={t(`staff.${what}`)}
      danger={what === 'disable'}
      busy={sent.isPending}
      error={sent.error}
      onConfirm={(reason) => sent.mutate(reason)}
      onCancel={() => onDone(null)}
    />
  )
}
