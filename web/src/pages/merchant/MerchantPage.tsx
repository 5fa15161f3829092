import { useText } from '../../app/preferences'
import { useMay, useSession } from '../../app/session'
import { PageHead } from '../../components/PageHead'
import { Answers } from './Answers'
import './merchant.css'
import { Settlement } from './Settlement'
import { Slips } from './Slips'
import { Staff } from './Staff'
import { Today } from './Today'

/** A shop's own page: what came in, what waits for an answer, slips, refunds, batches, staff. */
export function MerchantPage() {
  const t = useText()
  const session = useSession()
  const may = useMay()
  return (
    <>
      <PageHead title={t('merchant.title')}>
        {session?.merchant != null && <span className="code soft">{session.merchant}</span>}
      </PageHead>
      <div className="merchant">
        <Today />
        <Answers />
        <Slips />
        <Settlement />
        {may('staff') && session?.merchant != null && <Staff merchant={session.merchant} />}
      </div>
    </>
  )
}
