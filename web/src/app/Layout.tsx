import { Button, Skeleton } from 'antd'
import { Suspense, useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'
import type { Session } from '../api/shapes'
import { Dialog } from '../components/Dialog'
import { LiveProvider } from '../live/LiveProvider'
import { Brand } from './Brand'
import { homeOf } from './home'
import { LiveState } from './LiveState'
import { Navigation } from './Navigation'
import { useText } from './preferences'
import { Switches } from './Switches'
import { useSession, useSignOut } from './session'

/** The frame of all pages behind the door. */
export function Layout() {
  return (
    <Suspense fallback={<Skeleton active />}>
      <Door />
    </Suspense>
  )
}

function Door() {
  const session = useSession()
  const { pathname, search } = useLocation()
  if (session === null) {
    return <Navigate to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} replace />
  }
  const half = session.must_change_password || session.must_enrol
  if (half && pathname !== '/me') {
    return <Navigate to="/me" replace />
  }
  if (pathname === '/' && homeOf(session) !== '/') {
    return <Navigate to={homeOf(session)} replace />
  }
  return (
    <LiveProvider open={!half}>
      <Frame session={session} />
    </LiveProvider>
  )
}

function Frame({ session }: { session: Session }) {
  const t = useText()
  const [menu, setMenu] = useState(false)
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <header className="top">
        <Button className="top-menu" aria-expanded={menu} onClick={() => setMenu(true)}>
          <span aria-hidden="true">☰</span> {t('app.menu')}
        </Button>
        <Brand />
        <LiveState />
        <div className="top-tools">
          <Switches />
          <Leave session={session} />
        </div>
      </header>
      <nav className="rail" aria-label={t('app.navigation')}>
        <Navigation />
      </nav>
      {menu && (
        <Dialog title={t('app.menu')} place="side" onClose={() => setMenu(false)}>
          <nav aria-label={t('app.navigation')}>
            <Navigation onGo={() => setMenu(false)} />
          </nav>
          <div className="drawer-tools">
            <Switches />
            <Leave session={session} />
          </div>
        </Dialog>
      )}
      <main id="content" className="content" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

function Leave({ session }: { session: Session }) {
  const t = useText()
  const signOut = useSignOut()
  return (
    <span className="leave">
      <span className="leave-name">{session.display}</span>
      <Button loading={signOut.isPending} onClick={() => signOut.mutate()}>
        {t('app.sign_out')}
      </Button>
    </span>
  )
}
