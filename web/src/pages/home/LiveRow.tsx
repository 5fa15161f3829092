import { memo } from 'react'
import { Link } from 'react-router'
import type { PaymentRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { Due } from '../../components/Due'
import { Tally } from '../../components/tally/Tally'
import { ViewTag } from '../../components/ViewTag'
import { money } from '../../format/money'
import { clock } from '../../format/time'

/** One payment of the stream; drawn anew only when it has changed. */
export const LiveRow = memo(function LiveRow({ row }: { row: PaymentRow }) {
  const t = useText()
  return (
    <div className="live-row">
      <Tally issuer={row.issuer} merchant={row.merchant_half} matched={row.matched} />
      <time className="figure soft" dateTime={new Date(row.opened_ms).toISOString()}>
        {clock(row.opened_ms)}
      </time>
      <Link className="code" to={`/payments/${row.rrn}`}>
        {row.rrn}
      </Link>
      <span className="live-kind">{t(`kind.${row.kind}`)}</span>
      <span className="live-amount figure">{money(row.amount)}</span>
      <span className="live-state-cell">
        <ViewTag view={row.view} />
        {row.duty !== null && <Due duty={row.duty} brief />}
      </span>
    </div>
  )
})
