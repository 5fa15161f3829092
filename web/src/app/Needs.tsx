import { Outlet } from 'react-router'
import type { May } from '../api/shapes'
import { useText } from './preferences'
import { useMay } from './session'

/** Pages behind a permission. The server refuses as well; this only says so in words. */
export function Needs({ may }: { may: May }) {
  const t = useText()
  const allowed = useMay()
  return allowed(may) ? <Outlet /> : <p className="empty">{t('app.not_allowed')}</p>
}
