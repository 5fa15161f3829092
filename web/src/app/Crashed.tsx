import { Alert, Button } from 'antd'
import { useText } from './preferences'

/** A page that failed: its neighbours still stand. */
export function Crashed() {
  const t = useText()
  return (
    <main className="crashed">
      <Alert
        type="error"
        showIcon
        title={t('error.crashed')}
        action={<Button onClick={() => window.location.reload()}>{t('app.again')}</Button>}
      />
    </main>
  )
}
