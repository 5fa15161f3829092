import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { answered, api } from '../../api/client'
import { accounts, proposals } from '../../api/queries'
import type { NewAccount } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Dialog } from '../Dialog'
import { Trouble } from '../Trouble'
import { toldOf, type Told } from './outcome'

interface AddAccountProps<Given> {
  title: string
  /** What the form asks for beside the names. */
  children?: ReactNode
  initial?: Partial<Given>
  /** The account that was described. */
  accountOf: (given: Given) => NewAccount
  onDone: (told: Told | null) => void
  onClose: () => void
}

/** Makes an account: how the person is called, and the name to sign in with; the rest is the page's to ask. */
export function AddAccount<Given extends { name: string; display: string }>({
  title,
  children,
  initial,
  accountOf,
  onDone,
  onClose,
}: AddAccountProps<Given>) {
  const t = useText()
  const queries = useQueryClient()
  const add = useMutation({
    mutationFn: (given: Given) => answered(api.POST('/api/accounts', { body: accountOf(given) })),
    onSuccess: async (answer, { name }) => {
      await queries.invalidateQueries({ queryKey: accounts.queryKey })
      await queries.invalidateQueries({ queryKey: proposals.queryKey })
      onDone(toldOf(name, answer))
    },
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={(given: Given) => add.mutate(given)}
      >
        <Form.Item
          name="display"
          label={t('account.display')}
          rules={[{ required: true, whitespace: true, message: t('sign_in.wanted') }]}
        >
          <Input autoFocus maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('account.name')}
          extra={t('account.name.rule')}
          rules={[{ required: true, pattern: /^[a-z0-9._-]{2,32}$/, message: t('account.name.rule') }]}
        >
          <Input maxLength={32} autoComplete="off" autoCapitalize="none" />
        </Form.Item>
        {children}
        {add.isError && <Trouble error={add.error} />}
        <div className="dialog-go">
          <Button onClick={onClose}>{t('app.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={add.isPending}>
            {title}
          </Button>
        </div>
      </Form>
    </Dialog>
  )
}
