import { Button, Form } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../app/preferences'
import { Dialog } from './Dialog'
import { reasonOf } from './reason'
import { ReasonItem } from './ReasonItem'
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
        onFinish={({ reason }: { reason: string }) => onConfirm(reasonOf(reason))}
      >
        <ReasonItem autoFocus />
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
