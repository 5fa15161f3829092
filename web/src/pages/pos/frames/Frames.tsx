import { useState } from 'react'
import { useText, useWords } from '../../../app/preferences'
import { clock } from '../../../format/time'
import { useStage } from '../context'
import type { Frame } from '../shapes'
import { FrameView } from './FrameView'

/** The most rows of the sequence that are drawn. */
const MOST = 60

/** What went over both lines, as a sequence; one message can be read byte by byte. */
export function Frames() {
  const t = useText()
  const { state } = useStage()
  const [chosen, setChosen] = useState<number | null>(null)
  const frames = state.frames.slice(-MOST).toReversed()
  // Until one is chosen, the newest is read.
  const shown = chosen ?? frames[0]?.id
  return (
    <details className="frames" open>
      <summary>
        <h2>{t('pos.frames')}</h2>
      </summary>
      <div className="frames-both">
        <div className="frames-list">
          <div className="frames-lanes" aria-hidden="true">
            <span>{t('pos.frames.terminal')}</span>
            <span>{t('pos.frames.gateway')}</span>
            <span>{t('pos.frames.bank')}</span>
          </div>
          {frames.length === 0 ? (
            <p className="soft">{t('pos.frames.none')}</p>
          ) : (
            <ol aria-label={t('pos.frames.list')} tabIndex={0}>
              {frames.map((frame) => (
                <li key={frame.id} className={`frame-line frame-${frame.wire}`}>
                  <FrameButton
                    frame={frame}
                    chosen={frame.id === shown}
                    onChoose={() => setChosen(frame.id)}
                  />
                </li>
              ))}
            </ol>
          )}
        </div>
        {shown === undefined ? (
          <p className="frames-choose soft">{t('pos.frames.choose')}</p>
        ) : (
          <FrameView key={shown} n={state.n} id={shown} />
        )}
      </div>
    </details>
  )
}

interface FrameButtonProps {
  frame: Frame
  chosen: boolean
  onChoose: () => void
}

function FrameButton({ frame, chosen, onChoose }: FrameButtonProps) {
  const t = useText()
  const words = useWords()
  const { mti, what, code, fate, way, at_ms, delay_ms } = frame
  const lost = fate === 'lost' || fate === 'swallowed'
  return (
    <button type="button" className={`frame-arrow frame-${way}`} aria-pressed={chosen} onClick={onChoose}>
      <span className="frame-line-what">
        <span className="figure soft">{clock(at_ms)}</span> <strong className="code">{mti}</strong>{' '}
        {words(what)}
        {code !== null && (
          <span className={code === '00' ? 'frame-code' : 'frame-code frame-code-bad'}>{code}</span>
        )}
      </span>
      <svg
        className={lost ? 'frame-shaft frame-shaft-lost' : 'frame-shaft'}
        viewBox="0 0 200 10"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d={SHAFT[way][lost ? 1 : 0]} />
      </svg>
      {fate !== 'passed' && (
        <span className={`frame-fate frame-fate-${fate}`}>
          {fate === 'delayed' ? t('pos.fate.delayed', { seconds: delay_ms / 1_000 }) : t(`pos.fate.${fate}`)}
        </span>
      )}
    </button>
  )
}

/** Whole, and broken off half-way with a cross. */
const SHAFT = {
  up: ['M2 5H196M188 1L197 5L188 9', 'M2 5H100M94 1L106 9M106 1L94 9'],
  down: ['M198 5H4M12 1L3 5L12 9', 'M198 5H100M94 1L106 9M106 1L94 9'],
} as const
