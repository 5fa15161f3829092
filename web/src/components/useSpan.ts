import { useText } from '../app/preferences'
import { span } from '../format/time'

/** A length of time in words, in its two largest units. */
export function useSpan(): (ms: number) => string {
  const t = useText()
  return (ms) => {
    const { unit, much, rest } = span(ms)
    return unit === 'seconds' ? t('span.seconds', { much }) : t(`span.${unit}`, { much, rest })
  }
}
