import { useText } from '../app/preferences'
import type { Duty } from '../api/shapes'
import { time } from '../format/time'
import { useNow } from './useNow'
import { useSpan } from './useSpan'

/** A duty with its clock. */
export function Due({ duty, brief = false }: { duty: Duty; brief?: boolean }) {
  const t = useText()
  const span = useSpan()
  const left = duty.due_ms - useNow()
  const late = left < 0
  return (
    <span className="due">
      {!brief && <span>{t(`duty.${duty.kind}`)}</span>}
      <time
        className={late ? 'due-late' : 'due-clock'}
        dateTime={new Date(duty.due_ms).toISOString()}
        title={`${time(duty.due_ms)} ${t('time.beijing')}`}
      >
        {late ? t('time.overdue', { span: span(left) }) : t('time.in', { span: span(left) })}
      </time>
    </span>
  )
}
