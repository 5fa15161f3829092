import type { TimelineEntry } from '../../api/shapes'
import { useText, useWords } from '../../app/preferences'
import { Panel } from '../../components/Panel'
import { time } from '../../format/time'

/** What happened, in words; the message behind a line on demand. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const t = useText()
  const words = useWords()
  return (
    <Panel title={t('payment.timeline')}>
      <ol className="timeline">
        {entries.map((entry) => (
          <li key={entry.seq}>
            <time className="figure" dateTime={new Date(entry.at_ms).toISOString()}>
              {time(entry.at_ms)}
            </time>
            <p>{words(entry.words)}</p>
            {entry.frame !== null && (
              <details>
                <summary>{t('payment.frame')}</summary>
                <pre className="frame-text" tabIndex={0}>
                  {entry.frame}
                </pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  )
}
