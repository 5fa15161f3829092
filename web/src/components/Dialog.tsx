import { Button } from 'antd'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useText } from '../app/preferences'
import './dialog.css'

interface DialogProps {
  title: string
  /** `side` slides in from the edge: the menu of a phone. */
  place?: 'middle' | 'side'
  children: ReactNode
  onClose: () => void
}

/**
 * The browser's own dialog: it keeps the focus inside, closes on Escape and gives the focus back. The component
 * library's injects styles that a strict content policy refuses.
 */
export function Dialog({ title, place = 'middle', children, onClose }: DialogProps) {
  const t = useText()
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog dialog-${place}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        // The dialog itself is clicked only where nothing of it lies: on the ground behind it.
        if (event.target === event.currentTarget) {
          onClose()
        }
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <Button type="text" aria-label={t('app.close')} onClick={onClose}>
            <span aria-hidden="true">✕</span>
          </Button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
