import { useQuery } from '@tanstack/react-query'
import { Button, Radio } from 'antd'
import { useState } from 'react'
import { Refused } from '../../api/client'
import { slip } from '../../api/queries'
import { usePreferences, useText } from '../../app/preferences'
import { Dialog } from '../../components/Dialog'
import { Loaded } from '../../components/Loaded'

type Copy = 'merchant' | 'payer'

/** A slip again, to be looked at or printed. */
export function SlipDialog({ rrn, onClose }: { rrn: string; onClose: () => void }) {
  const t = useText()
  const { language } = usePreferences()
  const [copy, setCopy] = useState<Copy>('merchant')
  const query = useQuery(slip(rrn, 0, language, copy))
  const none = query.error instanceof Refused && query.error.problem.status === 404
  return (
    <Dialog title={t('slips.show.named', { rrn })} onClose={onClose}>
      <Radio.Group
        aria-label={t('slips.copy')}
        value={copy}
        onChange={(event) => setCopy(event.target.value as Copy)}
        options={[
          { value: 'merchant', label: t('slips.merchant') },
          { value: 'payer', label: t('slips.payer') },
        ]}
      />
      {none ? (
        <p className="soft">{t('slips.none')}</p>
      ) : (
        <Loaded query={query}>
          {(printed) => (
            <>
              <pre className="merchant-slip" tabIndex={0} aria-label={t('slips.show')}>
                {printed}
              </pre>
              <div className="dialog-go">
                <Button type="primary" onClick={() => window.print()}>
                  {t('slips.print')}
                </Button>
              </div>
            </>
          )}
        </Loaded>
      )}
    </Dialog>
  )
}
