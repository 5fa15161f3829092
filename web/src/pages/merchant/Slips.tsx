import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { newest } from '../../api/queries'
import type { PaymentRow } from '../../api/shapes'
import type { RefundMade } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { ViewTag } from '../../components/ViewTag'
import { money } from '../../format/money'
import { time } from '../../format/time'
import { RefundDialog } from './RefundDialog'
import { SlipDialog } from './SlipDialog'

const SHOWN = 12

/** The newest payments, with their slips and the way to give money back. */
export function Slips() {
  const t = useText()
  const may = useMay()
  const query = useQuery(newest)
  const [slipOf, setSlipOf] = useState<string | null>(null)
  const [refundOf, setRefundOf] = useState<PaymentRow | null>(null)
  const [made, setMade] = useState<RefundMade | null>(null)
  return (
    <Panel
      title={t('slips.title')}
      className="merchant-slips"
      aside={<Link to="/payments">{t('nav.payments')}</Link>}
    >
      {made !== null && (
        <Alert
          role="status"
          type={made.done ? 'success' : 'warning'}
          showIcon
          title={t(made.done ? 'refund.done' : 'refund.unknown', { rrn: made.rrn })}
        />
      )}
      <Loaded query={query}>
        {({ items }) => (
          <DataTable
            caption={t('slips.title')}
            rows={items.slice(0, SHOWN)}
            rowKey={({ id }) => id}
            empty={t('today.none')}
            columns={[
              {
                key: 'time',
                title: t('payments.time'),
                cell: ({ opened_ms }) => <span className="figure">{time(opened_ms)}</span>,
              },
              {
                key: 'amount',
                title: t('payments.amount'),
                end: true,
                cell: ({ amount }) => <strong className="figure">{money(amount)}</strong>,
              },
              { key: 'view', title: t('payments.view'), cell: ({ view }) => <ViewTag view={view} /> },
              {
                key: 'card',
                title: t('payments.card'),
                cell: ({ card }) => <span className="code">{card}</span>,
              },
              {
                key: 'do',
                title: t('slips.show'),
                cell: (row) => (
                  <span className="merchant-do">
                    {may('reprint') && row.view !== 'declined' && (
                      <Button
                        aria-label={t('slips.show.named', { rrn: row.rrn })}
                        onClick={() => setSlipOf(row.rrn)}
                      >
                        {t('slips.show')}
                      </Button>
                    )}
                    {may('refund') && row.view === 'approved' && row.kind === 'sale' && (
                      <Button
                        aria-label={t('slips.refund.named', { rrn: row.rrn })}
                        onClick={() => setRefundOf(row)}
                      >
                        {t('slips.refund')}
                      </Button>
                    )}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {slipOf !== null && <SlipDialog rrn={slipOf} onClose={() => setSlipOf(null)} />}
      {refundOf !== null && (
        <RefundDialog
          row={refundOf}
          onDone={(made) => {
            setMade(made)
            setRefundOf(null)
          }}
        />
      )}
    </Panel>
  )
}
