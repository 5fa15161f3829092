import { Button, Checkbox, Form, Input, Select } from 'antd'
import { VIEWS } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DayInput } from '../../components/DayInput'
import { minorOf } from '../../format/money'
import type { Filters } from './filters'

interface FilterFormProps {
  filters: Filters
  onSearch: (filters: Filters) => void
}

interface Fields extends Omit<Filters, 'open'> {
  open?: boolean
}

/** All filters; each that is filled must fit. */
export function FilterForm({ filters, onSearch }: FilterFormProps) {
  const t = useText()
  const amount = (_: unknown, typed: string | undefined) =>
    !typed || minorOf(typed) !== null
      ? Promise.resolve()
      : Promise.reject(new Error(t('payments.bad_amount')))
  return (
    <Form
      className="filters"
      layout="vertical"
      role="search"
      aria-label={t('payments.filters')}
      initialValues={{ view: '', ...filters, open: filters.open === '1' }}
      onFinish={(fields: Fields) => onSearch({ ...fields, open: fields.open ? '1' : undefined })}
    >
      <Form.Item name="q" label={t('payments.q')} className="filters-wide">
        <Input allowClear maxLength={32} />
      </Form.Item>
      <Form.Item name="view" label={t('payments.view')}>
        <Select
          options={[
            { value: '', label: t('payments.any') },
            ...VIEWS.map((value) => ({ value, label: t(`view.${value}`) })),
          ]}
        />
      </Form.Item>
      <Form.Item name="amount" label={t('payments.amount')} rules={[{ validator: amount }]}>
        <Input inputMode="decimal" maxLength={13} />
      </Form.Item>
      <Form.Item name="card" label={t('payments.last4')}>
        <Input inputMode="numeric" maxLength={4} />
      </Form.Item>
      <Form.Item name="merchant" label={t('payments.merchant')}>
        <Input maxLength={15} />
      </Form.Item>
      <Form.Item name="terminal" label={t('payments.terminal')}>
        <Input maxLength={8} />
      </Form.Item>
      <Form.Item name="from" label={t('payments.from')}>
        <DayInput />
      </Form.Item>
      <Form.Item name="to" label={t('payments.to')}>
        <DayInput />
      </Form.Item>
      <div className="filters-go">
        <Form.Item name="open" valuePropName="checked" noStyle>
          <Checkbox>{t('payments.open')}</Checkbox>
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t('payments.search')}
        </Button>
        <Button onClick={() => onSearch({})}>{t('payments.clear')}</Button>
      </div>
    </Form>
  )
}
