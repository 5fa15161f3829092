import { Form, Input, Radio } from 'antd'
import { usePreferences, useText } from '../../app/preferences'
import { isOfAMerchant, ROLES, type Role } from '../../app/roles'
import { AddAccount } from '../../components/account/AddAccount'
import type { Told } from '../../components/account/outcome'
import { ReasonItem } from '../../components/ReasonItem'
import { personOf, type Given } from './person'

interface AddPersonProps {
  onDone: (told: Told | null) => void
  onClose: () => void
}

/** An account of any role; it waits for a second person. */
export function AddPerson({ onDone, onClose }: AddPersonProps) {
  const t = useText()
  const { language } = usePreferences()
  return (
    <AddAccount<Given>
      title={t('people.add')}
      initial={{ language }}
      accountOf={personOf}
      onDone={onDone}
      onClose={onClose}
    >
      <Form.Item
        name="role"
        label={t('account.role')}
        rules={[{ required: true, message: t('sign_in.wanted') }]}
      >
        <Radio.Group className="choices" aria-label={t('account.role')}>
          {ROLES.map((role) => (
            <Radio key={role} value={role}>
              {t(`role.${role}`)} <span className="soft">{t(`role.${role}.explained`)}</span>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      <Form.Item noStyle dependencies={['role']}>
        {({ getFieldValue }) =>
          isOfAMerchant((getFieldValue('role') as Role | undefined) ?? '') && (
            <Form.Item
              name="merchant"
              label={t('account.merchant')}
              extra={t('account.merchant.rule')}
              rules={[{ required: true, pattern: /^[ -~]{15}$/, message: t('account.merchant.rule') }]}
            >
              <Input maxLength={15} autoComplete="off" />
            </Form.Item>
          )
        }
      </Form.Item>
      <Form.Item name="language" label={t('account.language')}>
        <Radio.Group aria-label={t('account.language')}>
          <Radio value="zh">
            <span lang="zh-CN">中文</span>
          </Radio>
          <Radio value="en">
            <span lang="en">English</span>
          </Radio>
        </Radio.Group>
      </Form.Item>
      <ReasonItem />
    </AddAccount>
  )
}
