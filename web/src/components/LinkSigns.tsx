import { useText } from '../app/preferences'
import type { LinkRow } from '../api/shapes'
import { Sign } from './Sign'

/** A link's line, breaker and mode; what is as it should be is said once. */
export function LinkSigns({ link }: { link: LinkRow }) {
  const t = useText()
  return (
    <span className="signs">
      <Sign good={link.up}>{t(link.up ? 'links.line.up' : 'links.line.down')}</Sign>
      {link.tripped && <Sign good={false}>{t('links.breaker.tripped')}</Sign>}
      {link.mode !== 'normal' && <span className="tag tag-amber">{t(`mode.${link.mode}`)}</span>}
    </span>
  )
}
