import { Link } from 'react-router'
import { PageHead } from '../components/PageHead'
import { useText } from './preferences'

export function NotFound() {
  const t = useText()
  return (
    <>
      <PageHead title={t('app.not_found')} />
      <Link to="/">{t('app.to_console')}</Link>
    </>
  )
}
