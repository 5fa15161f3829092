import { useEffect, useRef } from 'react'
import { useText, useWords } from '../../../app/preferences'
import { clock } from '../../../format/time'
import { useStage } from '../context'

/** The payer's phone: what the bank and Hefu tell the one who pays. */
export function Phone() {
  const t = useText()
  const words = useWords()
  const { state } = useStage()
  const { messages, eslip } = state.phone
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [messages.length])
  return (
    <section className="phone" aria-labelledby="phone-title">
      <div className="phone-top" aria-hidden="true" />
      <h2 id="phone-title">{t('pos.phone')}</h2>
      {messages.length === 0 ? (
        <p className="phone-none soft">{t('pos.phone.none')}</p>
      ) : (
        <ul ref={list} className="phone-messages" tabIndex={0} aria-live="polite" aria-label={t('pos.phone')}>
          {messages.map(({ id, at_ms, from, text }) => (
            <li key={id} className={`bubble bubble-${from}`}>
              <p className="bubble-from">
                <strong>{t(`pos.phone.${from}`)}</strong> <span className="figure">{clock(at_ms)}</span>
              </p>
              <p>{words(text)}</p>
            </li>
          ))}
        </ul>
      )}
      {eslip !== null && (
        <a className="phone-eslip" href={eslip}>
          {t('pos.phone.eslip')}
        </a>
      )}
    </section>
  )
}
