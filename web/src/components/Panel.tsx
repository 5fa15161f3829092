import { useId, type ReactNode } from 'react'

interface PanelProps {
  title: string
  children: ReactNode
  /** What stands beside the title. */
  aside?: ReactNode
  className?: string
}

/** A part of a page, with its heading. */
export function Panel({ title, children, aside, className = '' }: PanelProps) {
  const id = useId()
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
