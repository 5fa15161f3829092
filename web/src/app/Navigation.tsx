import { useQuery } from '@tanstack/react-query'
import { NavLink } from 'react-router'
import { posHere } from '../api/queries'
import type { May } from '../api/shapes'
import type { Key } from '../i18n/dictionary'
import { useText } from './preferences'
import { homeOf } from './home'
import { useMay, useSession } from './session'

/** The pages, those that this person may see. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const t = useText()
  const may = useMay()
  const session = useSession()
  const { data: pos } = useQuery(posHere)
  const shop = session !== null && homeOf(session) === '/merchant'
  return (
    <ul className="navigation">
      {[...(shop ? SHOP : OFFICE), ...COMMON, ...(pos === true ? POS : [])]
        .filter(({ needs }) => needs === null || may(needs))
        .map(({ to, label }) => (
          <li key={to}>
            <NavLink to={to} end={to === '/'} onClick={onGo}>
              {t(label)}
            </NavLink>
          </li>
        ))}
    </ul>
  )
}

interface Place {
  to: string
  label: Extract<Key, `nav.${string}`>
  needs: May | null
}

const SHOP: readonly Place[] = [
  { to: '/merchant', label: 'nav.merchant', needs: null },
  { to: '/payments', label: 'nav.payments', needs: 'payments' },
  { to: '/terminals', label: 'nav.terminals', needs: 'terminals' },
]

const OFFICE: readonly Place[] = [
  { to: '/', label: 'nav.home', needs: null },
  { to: '/payments', label: 'nav.payments', needs: 'payments' },
  { to: '/proposals', label: 'nav.proposals', needs: 'proposals' },
  { to: '/links', label: 'nav.links', needs: 'links' },
  { to: '/terminals', label: 'nav.terminals', needs: 'terminals' },
  { to: '/audit', label: 'nav.audit', needs: 'audit' },
  { to: '/people', label: 'nav.people', needs: 'people' },
  { to: '/keys', label: 'nav.keys', needs: 'keys' },
]

const COMMON: readonly Place[] = [{ to: '/me', label: 'nav.me', needs: null }]

/** Only where a demonstration is served. */
const POS: readonly Place[] = [{ to: '/pos', label: 'nav.pos', needs: null }]
