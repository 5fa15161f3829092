import { Alert } from 'antd'
import { useText } from '../../app/preferences'
import { ShownOnce } from '../ShownOnce'
import { Waits } from '../Waits'
import type { Told } from './outcome'

interface ToldNotesProps {
  told: readonly Told[]
  onGone: (told: Told) => void
}

/** What came of changes of accounts, the newest first. */
export function ToldNotes({ told, onGone }: ToldNotesProps) {
  return told.map((each) => (
    <Note key={`${each.name} ${each.password} ${each.proposal}`} told={each} onGone={() => onGone(each)} />
  ))
}

function Note({ told: { name, password, proposal }, onGone }: { told: Told; onGone: () => void }) {
  const t = useText()
  if (password !== null) {
    return (
      <ShownOnce title={t('account.password', { name })} secret={password} onGone={onGone}>
        {proposal !== null && (
          <>
            <p>{t('account.password.waits')}</p>
            <Waits proposal={proposal} />
          </>
        )}
      </ShownOnce>
    )
  }
  return (
    proposal !== null && (
      <Alert
        className="account-note"
        role="status"
        type="info"
        showIcon
        title={t('account.enable.waits', { name })}
        description={<Waits proposal={proposal} />}
        closable={{ onClose: onGone, 'aria-label': t('app.close') }}
      />
    )
  )
}
