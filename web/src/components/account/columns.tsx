import { Button } from 'antd'
import type { Account } from '../../api/shapes'
import type { useText } from '../../app/preferences'
import type { Column } from '../DataTable'
import { AccountState } from './AccountState'
import type { Change } from './ChangeAccount'

type Text = ReturnType<typeof useText>

/** Who it is. */
export function who(t: Text): Column<Account>[] {
  return [
    { key: 'display', title: t('account.display'), cell: ({ display }) => <strong>{display}</strong> },
    { key: 'name', title: t('account.name'), cell: ({ name }) => <span className="code">{name}</span> },
  ]
}

/** How it stands. */
export function state(t: Text): Column<Account> {
  return { key: 'state', title: t('account.state'), cell: (account) => <AccountState account={account} /> }
}

/** What can be done with it: nothing with one's own, from which nobody shall shut himself out. */
export function actions(
  t: Text,
  own: string | undefined,
  onChange: (change: Change) => void,
): Column<Account> {
  return {
    key: 'do',
    title: t('account.do'),
    cell: ({ name, disabled }) =>
      name === own ? (
        <span className="soft">{t('account.own')}</span>
      ) : (
        <span className="account-do">
          {([disabled ? 'enable' : 'disable', 'reset'] as const).map((what) => (
            <Button
              key={what}
              aria-label={t(`account.${what}.named`, { name })}
              onClick={() => onChange({ name, what })}
            >
              {t(`account.${what}`)}
            </Button>
          ))}
        </span>
      ),
  }
}
