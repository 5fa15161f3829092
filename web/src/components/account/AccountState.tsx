import type { Account } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Sign } from '../Sign'

/** Whether somebody can sign in, and what he must do first. */
export function AccountState({ account }: { account: Account }) {
  const t = useText()
  if (account.disabled) {
    return <Sign good={false}>{t('account.disabled')}</Sign>
  }
  return account.must_change_password ? (
    <span className="tag tag-amber">{t('account.first')}</span>
  ) : (
    <Sign good>{t('account.active')}</Sign>
  )
}
