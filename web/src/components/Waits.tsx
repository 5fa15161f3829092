import { Link } from 'react-router'
import { useText } from '../app/preferences'

/** That something was proposed and waits for a second person, and where. */
export function Waits({ proposal }: { proposal: string }) {
  const t = useText()
  return (
    <p className="waits">
      {t('waits.proposed', { id: proposal })} <Link to="/proposals">{t('waits.see')}</Link>
    </p>
  )
}
