import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { answered, api } from '../../api/client'
import { session } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Panel } from '../../components/Panel'
import { Trouble } from '../../components/Trouble'

interface Given {
  old: string
  new: string
}

export function PasswordPanel({ must }: { must: boolean }) {
  const t = useText()
  const queries = useQueryClient()
  const [form] = Form.useForm<Given>()
  const change = useMutation({
    mutationFn: (given: Given) => answered(api.POST('/api/session/password', { body: given })),
    onSuccess: async () => {
      form.resetFields()
      await queries.invalidateQueries({ queryKey: session.queryKey })
    },
  })
  return (
    <Panel title={t('me.password')}>
      {must && <Alert type="warning" showIcon title={t('me.password.must')} />}
      {change.isSuccess && <Alert role="status" type="success" showIcon title={t('me.password.changed')} />}
      {change.isError && <Trouble error={change.error} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(given) => change.mutate(given)}>
        <Form.Item
          name="old"
          label={t('me.password.old')}
          rules={[{ required: true, message: t('sign_in.wanted') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <Form.Item
          name="new"
          label={t('me.password.new')}
          extra={t('me.password.rule')}
          rules={[{ required: true, min: 12, message: t('me.password.rule') }]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('me.password')}
        </Button>
      </Form>
    </Panel>
  )
}
