import { Link } from 'react-router'
import type { PaymentRow } from '../../api/shapes'
import type { useText } from '../../app/preferences'
import type { Column } from '../../components/DataTable'
import { Due } from '../../components/Due'
import { Tally } from '../../components/tally/Tally'
import { ViewTag } from '../../components/ViewTag'
import { money } from '../../format/money'
import { time } from '../../format/time'

/** A payment as a row of a table. */
export function columns(t: ReturnType<typeof useText>): Column<PaymentRow>[] {
  return [
    {
      key: 'tally',
      title: t('payments.tally'),
      cell: (row) => <Tally issuer={row.issuer} merchant={row.merchant_half} matched={row.matched} />,
    },
    {
      key: 'rrn',
      title: t('payments.rrn'),
      cell: ({ rrn }) => (
        <Link className="code" to={`/payments/${rrn}`}>
          {rrn}
        </Link>
      ),
    },
    {
      key: 'time',
      title: t('payments.time'),
      cell: ({ opened_ms }) => (
        <time className="figure" dateTime={new Date(opened_ms).toISOString()}>
          {time(opened_ms)}
        </time>
      ),
    },
    {
      key: 'kind',
      title: t('payments.kind'),
      cell: ({ kind }) => <span className="nowrap">{t(`kind.${kind}`)}</span>,
    },
    {
      key: 'amount',
      title: t('payments.amount'),
      end: true,
      cell: ({ amount }) => <strong className="figure">{money(amount)}</strong>,
    },
    { key: 'view', title: t('payments.view'), cell: ({ view }) => <ViewTag view={view} /> },
    { key: 'duty', title: t('payments.duty'), cell: ({ duty }) => duty && <Due duty={duty} /> },
    { key: 'card', title: t('payments.card'), cell: ({ card }) => <span className="code">{card}</span> },
    {
      key: 'terminal',
      title: t('payments.terminal'),
      cell: ({ terminal }) => <span className="code">{terminal}</span>,
    },
  ]
}
