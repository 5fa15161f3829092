import { useEffect, useRef } from 'react'
import type { Words } from '../../../api/shapes'
import type { Language } from '../../../i18n/dictionary'

/** Speaks each prompt once, when it is new; never one that was there before it was asked to. */
export function useVoice(voice: { id: number; text: Words } | null, language: Language): void {
  const spoken = useRef<number | null>(null)
  useEffect(() => {
    if (voice === null) {
      spoken.current = null
      return
    }
    const first = spoken.current === null
    const isNew = spoken.current !== voice.id
    spoken.current = voice.id
    if (first || !isNew || !('speechSynthesis' in window)) {
      return
    }
    const said = new SpeechSynthesisUtterance(voice.text[language])
    said.lang = language === 'zh' ? 'zh-CN' : 'en-GB'
    window.speechSynthesis.cancel()
    window.speechSynthesis.speak(said)
  }, [voice, language])
}
