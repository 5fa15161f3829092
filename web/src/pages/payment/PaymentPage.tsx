import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { payment } from '../../api/queries'
import type { PaymentPage as Story } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { Loaded } from '../../components/Loaded'
import { PageHead } from '../../components/PageHead'
import { ViewTag } from '../../components/ViewTag'
import { Actions } from './Actions'
import { Halves } from './Halves'
import { Legs } from './Legs'
import { Notices } from './Notices'
import './payment.css'
import { Postings } from './Postings'
import { Slip } from './Slip'
import { Timeline } from './Timeline'

/** One payment's whole story. */
export function PaymentPage() {
  const t = useText()
  const { rrn = '' } = useParams()
  const query = useQuery(payment(rrn))
  return (
    <>
      <PageHead title={t('payment.title', { rrn })}>
        {query.data && <ViewTag view={query.data.payment.view} />}
      </PageHead>
      <Loaded query={query}>{(story) => <Whole story={story} rrn={rrn} />}</Loaded>
    </>
  )
}

function Whole({ story, rrn }: { story: Story; rrn: string }) {
  const may = useMay()
  const decides = may('decide') || may('decide_bank') || may('close')
  const { payment, legs, timeline, notices, postings, actions } = story
  return (
    <div className="payment">
      <Halves payment={payment} duties={legs.flatMap(({ duties }) => duties)} />
      <div className="payment-main">
        <Timeline entries={timeline} />
        <Postings postings={postings} currency={payment.amount.currency} />
      </div>
      <div className="payment-side">
        {decides && <Actions rrn={rrn} actions={actions} legs={legs} />}
        <Legs legs={legs} />
        <Notices notices={notices} />
        {may('reprint') && <Slip rrn={rrn} legs={legs} />}
      </div>
    </div>
  )
}
