import { useText } from '../../app/preferences'

export const TABS = ['faults', 'tally', 'beside', 'drills', 'frames'] as const
export type Tab = (typeof TABS)[number]

/** On a phone one part of the page is shown at a time, under the POS; elsewhere all are, and this is hidden. */
export function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const t = useText()
  return (
    <nav className="pos-tabs" aria-label={t('pos.tabs')}>
      {TABS.map((each) => (
        <button key={each} type="button" aria-pressed={tab === each} onClick={() => onTab(each)}>
          {t(`pos.tab.${each}`)}
        </button>
      ))}
    </nav>
  )
}
