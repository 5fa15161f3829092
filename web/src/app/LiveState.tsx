import { useLive } from '../live/LiveProvider'
import { useText } from './preferences'

/** Whether what is seen is what is. */
export function LiveState() {
  const t = useText()
  const { connection } = useLive()
  const sign = { live: '●', connecting: '◌', lost: '✕' }[connection]
  return (
    <span className={`live-state live-${connection}`} role="status">
      <span aria-hidden="true">{sign}</span> {t(`live.${connection}`)}
    </span>
  )
}
