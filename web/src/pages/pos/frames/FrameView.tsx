import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useText, useWords } from '../../../app/preferences'
import { ask } from '../link'
import type { FrameDetail } from '../shapes'
import { fieldOf, marked } from './marks'

/** One message: its bytes on the left, what they mean on the right; either side points at the other. */
export function FrameView({ n, id }: { n: number; id: number }) {
  const t = useText()
  const { data, isError } = useQuery({
    queryKey: ['pos', n, 'frame', id],
    staleTime: Infinity,
    queryFn: () => ask<FrameDetail>(`/${n}/frames/${id}`),
  })
  if (data === undefined) {
    return <p className="frames-choose soft">{t(isError ? 'pos.frames.gone' : 'app.loading')}</p>
  }
  return <Read frame={data} />
}

function Read({ frame }: { frame: FrameDetail }) {
  const t = useText()
  const words = useWords()
  const [at, setAt] = useState(-1)
  const mark = marked(frame.fields, at)
  return (
    <div className="frame-read">
      <div className="frame-hex">
        <h3>
          {t('pos.frames.hex')} <span className="soft">{t('pos.frames.bytes', { count: frame.bytes })}</span>
        </h3>
        {/* Bytes are for the eye and the mouse; the fields beside them say the same to everybody. */}
        <div className="hex" aria-hidden="true">
          {frame.hex.map((byte, offset) => {
            const on = mark !== null && offset >= mark.start && offset < mark.end
            return (
              <span
                key={offset}
                className={on ? 'byte byte-on' : byte === '**' ? 'byte byte-secret' : 'byte'}
                onClick={() => setAt(fieldOf(frame.fields, offset))}
              >
                {byte}
              </span>
            )
          })}
        </div>
        <p className="soft">{t('pos.frames.secret')}</p>
        {frame.error !== null && <p className="frame-error">{frame.error}</p>}
      </div>
      <div className="frame-fields" role="region" tabIndex={0} aria-label={t('pos.frames.fields')}>
        <ul>
          {frame.fields.map((field, no) => (
            <li key={`${field.number} ${no}`} className={field.inside ? 'field-inside' : undefined}>
              <button type="button" aria-pressed={no === at} onClick={() => setAt(no === at ? -1 : no)}>
                <span className="field-no code">{field.number}</span>
                <span className="field-name">{words(field.name)}</span>
                <span className="field-value code">{field.value}</span>
                {field.note !== null && <span className="field-note">{words(field.note)}</span>}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
