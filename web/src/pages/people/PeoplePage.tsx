import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { accounts } from '../../api/queries'
import type { Account } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useSession } from '../../app/session'
import '../../components/account/account.css'
import { ChangeAccount } from '../../components/account/ChangeAccount'
import { actions, state, who } from '../../components/account/columns'
import { ToldNotes } from '../../components/account/ToldNotes'
import { useChanges } from '../../components/account/useChanges'
import { DataTable, type Column } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { More } from '../../components/More'
import { PageHead } from '../../components/PageHead'
import { roleWord } from '../../components/terms'
import { day } from '../../format/time'
import { AddPerson } from './AddPerson'

/** All accounts. What gives power waits for a second person; what takes it away is done at once. */
export function PeoplePage() {
  const t = useText()
  const own = useSession()?.name
  const query = useInfiniteQuery(accounts)
  const { dialog, open, close, told, done, forget } = useChanges()
  const columns: Column<Account>[] = [
    ...who(t),
    {
      key: 'role',
      title: t('account.role'),
      cell: ({ role, merchant }) => (
        <>
          {roleWord(t, role)} {merchant !== null && <span className="code soft">{merchant}</span>}
        </>
      ),
    },
    state(t),
    {
      key: 'codes',
      title: t('account.codes'),
      cell: ({ totp, demo }) => (
        <span className="signs">
          <span className={totp ? undefined : 'soft'}>{t(totp ? 'me.totp.on' : 'me.totp.off')}</span>
          {demo && <span className="tag tag-soft">{t('account.demo')}</span>}
        </span>
      ),
    },
    {
      key: 'made',
      title: t('account.made'),
      cell: ({ created_ms }) => <span className="figure">{day(created_ms)}</span>,
    },
    actions(t, own, open),
  ]
  return (
    <>
      <PageHead title={t('people.title')}>
        <Button type="primary" onClick={() => open('add')}>
          {t('people.add')}
        </Button>
        <p className="soft">{t('people.explained')}</p>
      </PageHead>
      <ToldNotes told={told} onGone={forget} />
      <Loaded query={query}>
        {({ pages }) => (
          <div className="panel">
            <DataTable
              caption={t('people.title')}
              columns={columns}
              rows={pages.flatMap(({ items }) => items)}
              rowKey={({ name }) => name}
              empty={t('people.none')}
            />
            <More query={query} />
          </div>
        )}
      </Loaded>
      {dialog === 'add' && <AddPerson onDone={done} onClose={close} />}
      {dialog !== null && dialog !== 'add' && <ChangeAccount change={dialog} onDone={done} onClose={close} />}
    </>
  )
}
