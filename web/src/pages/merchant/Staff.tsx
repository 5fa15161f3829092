import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { accounts } from '../../api/queries'
import type { Account } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { Sign } from '../../components/Sign'
import { AddCashier, ChangeAccount, type Change, type Told } from './StaffDialogs'

/** The shop's cashiers. A first password is shown once. */
export function Staff({ merchant }: { merchant: string }) {
  const t = useText()
  const query = useQuery(accounts)
  const [adds, setAdds] = useState(false)
  const [change, setChange] = useState<Change | null>(null)
  const [told, setTold] = useState<Told | null>(null)
  const done = (said: Told | null) => {
    setTold(said)
    setAdds(false)
    setChange(null)
  }
  return (
    <Panel
      title={t('staff.title')}
      className="merchant-staff"
      aside={<Button onClick={() => setAdds(true)}>{t('staff.add')}</Button>}
    >
      {told !== null && (
        <Alert
          role="status"
          type="success"
          showIcon
          title={t('staff.password', { name: told.name })}
          description={<span className="code staff-password">{told.password}</span>}
        />
      )}
      <Loaded query={query}>
        {({ items }) => (
          <DataTable
            caption={t('staff.title')}
            rows={items}
            rowKey={({ name }) => name}
            empty={t('staff.none')}
            columns={[
              {
                key: 'display',
                title: t('staff.display'),
                cell: ({ display }) => <strong>{display}</strong>,
              },
              {
                key: 'name',
                title: t('staff.name'),
                cell: ({ name }) => <span className="code">{name}</span>,
              },
              { key: 'state', title: t('staff.state'), cell: (account) => <State account={account} /> },
              {
                key: 'do',
                title: t('staff.do'),
                cell: ({ name, disabled }) => (
                  <span className="merchant-do">
                    {([disabled ? 'enable' : 'disable', 'reset'] as const).map((what) => (
                      <Button
                        key={what}
                        aria-label={t(`staff.${what}.named`, { name })}
                        onClick={() => setChange({ name, what })}
                      >
                        {t(`staff.${what}`)}
                      </Button>
                    ))}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {adds && <AddCashier merchant={merchant} onDone={done} />}
      {change !== null && <ChangeAccount change={change} onDone={done} />}
    </Panel>
  )
}

function State({ account }: { account: Account }) {
  const t = useText()
  if (account.disabled) {
    return <Sign good={false}>{t('staff.disabled')}</Sign>
  }
  return account.must_change_password ? (
    <span className="tag tag-amber">{t('staff.first')}</span>
  ) : (
    <Sign good>{t('staff.active')}</Sign>
  )
}
