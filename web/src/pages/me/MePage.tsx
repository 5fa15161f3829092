import { useText } from '../../app/preferences'
import { useSession } from '../../app/session'
import { PageHead } from '../../components/PageHead'
import { Panel } from '../../components/Panel'
import { mayWord, roleWord } from '../../components/terms'
import './me.css'
import { PasswordPanel } from './PasswordPanel'
import { TotpPanel } from './TotpPanel'

/** One's own account: who one is here, the password, the one-time codes. */
export function MePage() {
  const t = useText()
  const session = useSession()
  if (session === null) {
    return null
  }
  return (
    <>
      <PageHead title={t('me.title')} />
      <div className="me">
        <Panel title={t('me.session')}>
          <dl className="facts">
            <dt>{t('me.name')}</dt>
            <dd>
              {session.display} <span className="soft">{session.name}</span>
            </dd>
            <dt>{t('me.role')}</dt>
            <dd>{roleWord(t, session.role)}</dd>
            {session.merchant !== null && (
              <>
                <dt>{t('me.merchant')}</dt>
                <dd className="code">{session.merchant}</dd>
              </>
            )}
            <dt>{t('me.may')}</dt>
            <dd>{session.may.map((may) => mayWord(t, may)).join(' · ') || t('app.none')}</dd>
          </dl>
        </Panel>
        <PasswordPanel must={session.must_change_password} />
        <TotpPanel on={session.totp} must={session.must_enrol} />
      </div>
    </>
  )
}
