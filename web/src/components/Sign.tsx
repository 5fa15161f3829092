import type { ReactNode } from 'react'

/** A state in a word, with a sign of its own beside the colour. */
export function Sign({ good, children }: { good: boolean; children: ReactNode }) {
  return (
    <span className={`tag ${good ? 'tag-jade' : 'tag-cinnabar'}`}>
      <span aria-hidden="true">{good ? '✓' : '!'}</span> {children}
    </span>
  )
}
