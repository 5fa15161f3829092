import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { accounts } from '../../api/queries'
import { usePreferences, useText } from '../../app/preferences'
import { useSession } from '../../app/session'
import '../../components/account/account.css'
import { AddAccount } from '../../components/account/AddAccount'
import { ChangeAccount } from '../../components/account/ChangeAccount'
import { actions, state, who } from '../../components/account/columns'
import { ToldNotes } from '../../components/account/ToldNotes'
import { useChanges } from '../../components/account/useChanges'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { More } from '../../components/More'
import { Panel } from '../../components/Panel'

interface Given {
  name: string
  display: string
}

/** The shop's cashiers. A first password is shown once. */
export function Staff({ merchant }: { merchant: string }) {
  const t = useText()
  const { language } = usePreferences()
  const own = useSession()?.name
  const query = useInfiniteQuery(accounts)
  const { dialog, open, close, told, done, forget } = useChanges()
  return (
    <Panel
      title={t('staff.title')}
      className="merchant-staff"
      aside={<Button onClick={() => open('add')}>{t('staff.add')}</Button>}
    >
      <ToldNotes told={told} onGone={forget} />
      <Loaded query={query}>
        {({ pages }) => (
          <>
            <DataTable
              caption={t('staff.title')}
              rows={pages.flatMap(({ items }) => items)}
              rowKey={({ name }) => name}
              empty={t('staff.none')}
              columns={[...who(t), state(t), actions(t, own, open)]}
            />
            <More query={query} />
          </>
        )}
      </Loaded>
      {dialog === 'add' && (
        <AddAccount<Given>
          title={t('staff.add')}
          accountOf={(given) => ({
            ...given,
            role: 'cashier',
            merchant,
            language,
            reason: t('staff.reason'),
          })}
          onDone={done}
          onClose={close}
        />
      )}
      {dialog !== null && dialog !== 'add' && <ChangeAccount change={dialog} onDone={done} onClose={close} />}
    </Panel>
  )
}
