import { Alert, Button } from 'antd'
import { useRef, useState, type ReactNode } from 'react'
import { useText } from '../app/preferences'
import './shown-once.css'

interface ShownOnceProps {
  title: string
  secret: string
  /** What else there is to know of it. */
  children?: ReactNode
  onGone: () => void
}

/** A secret that the server tells once: it stands here until somebody says that he has it. */
export function ShownOnce({ title, secret, children, onGone }: ShownOnceProps) {
  const t = useText()
  const shown = useRef<HTMLElement>(null)
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret)
      setCopied(true)
    } catch {
      // Without https a page may not write to the clipboard: the text is marked, ready to be copied by hand.
      if (shown.current !== null) {
        getSelection()?.selectAllChildren(shown.current)
      }
    }
  }
  return (
    <Alert
      className="shown-once"
      role="status"
      type="warning"
      showIcon
      title={title}
      description={
        <>
          <p className="shown-once-secret">
            <code ref={shown} className="code">
              {secret}
            </code>
            <Button onClick={copy}>{t(copied ? 'once.copied' : 'once.copy')}</Button>
          </p>
          <p>
            <strong>{t('once.warning')}</strong>
          </p>
          {children}
          <Button className="shown-once-gone" type="primary" onClick={onGone}>
            {t('once.gone')}
          </Button>
        </>
      }
    />
  )
}
