import type { Currency, Posting } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable, type Column } from '../../components/DataTable'
import { Panel } from '../../components/Panel'
import { money } from '../../format/money'

/** The payment in the books. */
export function Postings({ postings, currency }: { postings: readonly Posting[]; currency: Currency }) {
  const t = useText()
  const amount = (minor: number) => (
    <span className={minor === 0 ? 'figure soft' : 'figure'}>{money({ minor, currency })}</span>
  )
  const columns: Column<Posting & { no: number }>[] = [
    { key: 'debit', title: t('payment.debit'), cell: ({ debit }) => <span className="code">{debit}</span> },
    {
      key: 'credit',
      title: t('payment.credit'),
      cell: ({ credit }) => <span className="code">{credit}</span>,
    },
    { key: 'pending', title: t('payment.pending'), end: true, cell: ({ pending }) => amount(pending) },
    { key: 'posted', title: t('payment.posted'), end: true, cell: ({ posted }) => amount(posted) },
  ]
  return (
    <Panel title={t('payment.postings')}>
      <DataTable
        caption={t('payment.postings')}
        columns={columns}
        rows={postings.map((posting, no) => ({ ...posting, no }))}
        rowKey={({ no }) => no}
        empty={t('payment.no_postings')}
      />
    </Panel>
  )
}
