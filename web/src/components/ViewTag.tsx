import { useText } from '../app/preferences'
import type { View } from '../api/shapes'

/** How people see a payment: a word, with a sign before it so that colour is never alone. */
export function ViewTag({ view }: { view: View }) {
  const t = useText()
  const { sign, tone } = LOOKS[view]
  return (
    <span className={`tag tag-${tone}`}>
      <span aria-hidden="true">{sign}</span> {t(`view.${view}`)}
    </span>
  )
}

type Tone = 'jade' | 'soft' | 'amber' | 'indigo' | 'cinnabar'

const LOOKS: Record<View, { sign: string; tone: Tone }> = {
  processing: { sign: '…', tone: 'indigo' },
  approved: { sign: '✓', tone: 'jade' },
  declined: { sign: '○', tone: 'soft' },
  unknown: { sign: '?', tone: 'amber' },
  returning: { sign: '←', tone: 'indigo' },
  returned: { sign: '↩', tone: 'soft' },
  under_review: { sign: '!', tone: 'cinnabar' },
}
