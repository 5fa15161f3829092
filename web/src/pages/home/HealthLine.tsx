import { useQuery } from '@tanstack/react-query'
import { health } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Sign } from '../../components/Sign'
import { haltWord, isAtWork, nodeWord } from './node'

/** How the gateway itself stands, in a line. */
export function HealthLine() {
  const t = useText()
  const { data } = useQuery(health)
  if (data === undefined) {
    return null
  }
  const { refuses, open, uncommitted, parked, node, version } = data
  return (
    <p className="health">
      <Sign good={refuses === null && isAtWork(node)}>
        {refuses !== null
          ? t('home.health.refuses', { why: haltWord(t, refuses) })
          : t(isAtWork(node) ? 'home.health.takes' : 'home.health.stopped')}
      </Sign>
      <span>{t('home.health.open', { count: open })}</span>
      {uncommitted > 0 && <span>{t('home.health.uncommitted', { count: uncommitted })}</span>}
      {parked > 0 && <span>{t('home.health.parked', { count: parked })}</span>}
      <span className="soft">
        {nodeWord(t, node)} · {version}
      </span>
    </p>
  )
}
