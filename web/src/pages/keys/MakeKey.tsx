import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Form, Input, Radio } from 'antd'
import { answered, api } from '../../api/client'
import { keys } from '../../api/queries'
import type { KeyBody, MadeBody, Role } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useSession } from '../../app/session'
import { Dialog } from '../../components/Dialog'
import { roleWord } from '../../components/terms'
import { Trouble } from '../../components/Trouble'
import { useNow } from '../../components/useNow'
import { time } from '../../format/time'
import { daysOf, endOf, MOST_DAYS } from './key'

interface Given {
  label: string
  role: Role
  days: string
}

interface MakeKeyProps {
  onDone: (made: MadeBody) => void
  onClose: () => void
}

/** Makes a key: of one's own role, or one that only looks. */
export function MakeKey({ onDone, onClose }: MakeKeyProps) {
  const t = useText()
  const now = useNow()
  const own = useSession()?.role ?? 'auditor'
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: (body: KeyBody) => answered(api.POST('/api/keys', { body })),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: keys.queryKey })
      onDone(made)
    },
  })
  const submit = ({ label, role, days }: Given) => {
    const good = daysOf(days)
    if (good !== null) {
      make.mutate({ label: label.trim(), role, days: good })
    }
  }
  const days = (_: unknown, typed: string) =>
    daysOf(typed) === null
      ? Promise.reject(new Error(t('keys.days.rule', { most: MOST_DAYS })))
      : Promise.resolve()
  return (
    <Dialog title={t('keys.make')} onClose={onClose}>
      <Form
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: 'auditor', days: '90' }}
        onFinish={submit}
      >
        <Form.Item
          name="label"
          label={t('keys.label')}
          extra={t('keys.label.explained')}
          rules={[{ required: true, whitespace: true, message: t('sign_in.wanted') }]}
        >
          <Input autoFocus maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t('account.role')}>
          <Radio.Group className="choices" aria-label={t('account.role')}>
            <Radio value="auditor">
              {t('role.auditor')} <span className="soft">{t('role.auditor.explained')}</span>
            </Radio>
            {own !== 'auditor' && (
              <Radio value={own}>
                {roleWord(t, own)} <span className="soft">{t('keys.own.explained')}</span>
              </Radio>
            )}
          </Radio.Group>
        </Form.Item>
        <Form.Item name="days" label={t('keys.days')} rules={[{ validator: days }]}>
          <Input inputMode="numeric" maxLength={3} autoComplete="off" />
        </Form.Item>
        <Form.Item noStyle dependencies={['days']}>
          {({ getFieldValue }) => {
            const good = daysOf(getFieldValue('days') as string)
            return (
              good !== null && <p className="soft">{t('keys.until', { time: time(endOf(good, now)) })}</p>
            )
          }}
        </Form.Item>
        {make.isError && <Trouble error={make.error} />}
        <div className="dialog-go">
          <Button onClick={onClose}>{t('app.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={make.isPending}>
            {t('keys.make')}
          </Button>
        </div>
      </Form>
    </Dialog>
  )
}
