import { Alert, Button } from 'antd'
import { Refused } from '../api/client'
import { useText } from '../app/preferences'

/** An error in plain words, with the way to try again if there is one. */
export function Trouble({ error, again }: { error: unknown; again?: () => unknown }) {
  const t = useText()
  return (
    <Alert
      role="alert"
      type="error"
      showIcon
      title={t('error.title')}
      description={error instanceof Refused ? error.problem.detail : t('error.network')}
      action={again && <Button onClick={() => void again()}>{t('app.again')}</Button>}
    />
  )
}
