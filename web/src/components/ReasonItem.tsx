import { Form, Input } from 'antd'
import { useText } from '../app/preferences'
import { MOST_REASON } from './reason'

/** The field of a form that asks why. */
export function ReasonItem({ autoFocus = false }: { autoFocus?: boolean }) {
  const t = useText()
  return (
    <Form.Item
      name="reason"
      label={t('reason.label')}
      rules={[{ required: true, whitespace: true, min: 4, message: t('reason.wanted') }]}
    >
      <Input.TextArea rows={3} maxLength={MOST_REASON} autoFocus={autoFocus} />
    </Form.Item>
  )
}
