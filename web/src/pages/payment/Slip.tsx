import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { Refused } from '../../api/client'
import { slip } from '../../api/queries'
import type { Leg } from '../../api/shapes'
import { usePreferences, useText } from '../../app/preferences'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'

/** The slip as the printer has it. */
export function Slip({ rrn, legs }: { rrn: string; legs: readonly Leg[] }) {
  const t = useText()
  const { language } = usePreferences()
  const [leg, setLeg] = useState(0)
  const query = useQuery(slip(rrn, leg, language))
  const none = query.error instanceof Refused && query.error.problem.status === 404
  return (
    <Panel title={t('payment.slip')}>
      {legs.length > 1 && (
        <Select
          className="slip-legs"
          aria-label={t('payment.slip')}
          value={leg}
          onChange={setLeg}
          options={legs.map(({ leg: value, kind }) => ({ value, label: t(`kind.${kind}`) }))}
        />
      )}
      {none ? (
        <p className="soft">{t('payment.no_slip')}</p>
      ) : (
        <Loaded query={query}>
          {(printed) => (
            <pre className="slip" tabIndex={0} aria-label={t('payment.slip')}>
              {printed}
            </pre>
          )}
        </Loaded>
      )}
    </Panel>
  )
}
