import type { Notice } from '../../api/shapes'
import { useText, useWords } from '../../app/preferences'
import { Panel } from '../../components/Panel'
import { time } from '../../format/time'

/** What payer and merchant hear of it. */
export function Notices({ notices }: { notices: readonly Notice[] }) {
  const t = useText()
  const words = useWords()
  return (
    <Panel title={t('payment.notices')}>
      {notices.length === 0 ? (
        <p className="soft">{t('payment.no_notices')}</p>
      ) : (
        <ul className="notices">
          {notices.map((notice) => (
            <li key={`${notice.at_ms} ${notice.to} ${notice.words.en}`}>
              <strong>{t(`to.${notice.to}`)}</strong>
              <span>{words(notice.words)}</span>
              <time className="figure soft" dateTime={new Date(notice.at_ms).toISOString()}>
                {time(notice.at_ms)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
