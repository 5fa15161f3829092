import { Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../app/preferences'
import { Dialog } from './Dialog'
import { Trouble } from './Trouble'

interface ReasonDialogProps {
  title: string
  confirm: string
  danger?: boolean
  busy: boolean
  error: unknown
  children?: ReactNode
  onConfirm: (reason: string) => void
  onCancel: () => void
}

/** Asks for the reason before something is done in a person's name. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, confirm, danger = false, busy, error, children, onConfirm, onCancel } = props
  const t = useText()
  return (
    <Dialog title={title} onClose={onCancel}>
      {children}
      <Form
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }: { reason: string }) => onConfirm(reason.trim())}
      >
        <Form.Item
          name="reason"
          label={t('reason.label')}
          rules={[{ required: true, whitespace: true, min: 4, message: t('reason.wanted') }]}
        >
          <Input.TextArea rows={3} maxLength={500} autoFocus />
        </Form.Item>
        {error !== null && <Trouble error={error} />}
        <div className="dialog-go">
          <Button onClick={onCancel}>{t('app.cancel')}</Button>
          <Button type="primary" htmlType="submit" danger={danger} loading={busy}>
            {confirm}
          </Button>
        </div>
      </Form>
    </Dialog>
  )
}
