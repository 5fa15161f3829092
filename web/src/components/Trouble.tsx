import { Alert, Button } from 'antd'
import { Refused } from '../api/client'
import { useText, useWords } from '../app/preferences'

/** An error in plain words, with the way to try again if there is one. */
export function Trouble({ error, again }: { error: unknown; again?: () => unknown }) {
  const t = useText()
  const inWords = useWords()
  const problem = error instanceof Refused ? error.problem : null
  return (
    <Alert
      role="alert"
      type="error"
      showIcon
      title={t('error.title')}
      description={
        problem === null ? t('error.network') : problem.words ? inWords(problem.words) : problem.detail
      }
      action={again && <Button onClick={() => void again()}>{t('app.again')}</Button>}
    />
  )
}
