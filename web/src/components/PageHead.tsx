import { useEffect, type ReactNode } from 'react'
import { useText } from '../app/preferences'

/** A page's heading, which also names the browser's tab. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  const t = useText()
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {children}
    </header>
  )
}
