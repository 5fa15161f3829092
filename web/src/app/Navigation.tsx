import { NavLink } from 'react-router'
import type { May } from '../api/shapes'
import type { Key } from '../i18n/dictionary'
import { useText } from './preferences'
import { useMay } from './session'

/** The pages, those that this person may see. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const t = useText()
  const may = useMay()
  return (
    <ul className="navigation">
      {PAGES.filter(({ needs }) => needs === null || may(needs)).map(({ to, label }) => (
        <li key={to}>
          <NavLink to={to} end={to === '/'} onClick={onGo}>
            {t(label)}
          </NavLink>
        </li>
      ))}
    </ul>
  )
}

const PAGES: readonly { to: string; label: Extract<Key, `nav.${string}`>; needs: May | null }[] = [
  { to: '/', label: 'nav.home', needs: null },
  { to: '/payments', label: 'nav.payments', needs: 'payments' },
  { to: '/proposals', label: 'nav.proposals', needs: 'proposals' },
  { to: '/links', label: 'nav.links', needs: 'links' },
  { to: '/terminals', label: 'nav.terminals', needs: 'terminals' },
  { to: '/audit', label: 'nav.audit', needs: 'audit' },
  { to: '/me', label: 'nav.me', needs: null },
]
