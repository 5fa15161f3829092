import { useEffect, useRef } from 'react'
import { useStage } from '../context'
import { focusOf, keyOf } from '../keys'

/** The keyboard works as the POS's own keys, wherever the focus does not need them. */
export function useKeyboard(): void {
  const stage = useStage()
  const latest = useRef(stage)
  useEffect(() => {
    latest.current = stage
  }, [stage])
  useEffect(() => {
    const struck = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, target } = event
      const pressed = keyOf({ key, ctrlKey, metaKey, altKey, focus: focusOf(target) })
      const { state, press, isAhead } = latest.current
      // Who types faster than the answers come is ahead of what the screen says; then the till itself decides.
      if (pressed === null || (!state.screen.alive.includes(pressed) && !isAhead())) {
        return
      }
      // Outside of a menu the arrows go on moving the page.
      if ((pressed === 'up' || pressed === 'down') && state.screen.menu === null) {
        return
      }
      event.preventDefault()
      press(pressed)
    }
    // A button that was pressed by mouse or finger lets go of the focus: Enter is then the POS's own key again.
    const clicked = (event: MouseEvent) => {
      const button = event.detail > 0 && event.target instanceof Element && event.target.closest('button')
      if (button instanceof HTMLElement) {
        button.blur()
      }
    }
    window.addEventListener('keydown', struck)
    window.addEventListener('click', clicked)
    return () => {
      window.removeEventListener('keydown', struck)
      window.removeEventListener('click', clicked)
    }
  }, [])
}
