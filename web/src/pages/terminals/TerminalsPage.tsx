import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { terminals } from '../../api/queries'
import type { TerminalRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable, type Column } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { More } from '../../components/More'
import { PageHead } from '../../components/PageHead'
import { Sign } from '../../components/Sign'

/** The terminals: who is signed on, which batch is open, whose word counts. */
export function TerminalsPage() {
  const t = useText()
  const query = useInfiniteQuery(terminals)
  const said = (yes: boolean) => t(yes ? 'app.yes' : 'app.no')
  const columns: Column<TerminalRow>[] = [
    {
      key: 'terminal',
      title: t('terminals.terminal'),
      cell: ({ terminal }) => (
        <Link className="code" to={`/payments?terminal=${terminal}`}>
          {terminal}
        </Link>
      ),
    },
    {
      key: 'merchant',
      title: t('terminals.merchant'),
      cell: ({ merchant }) => (
        <Link className="code" to={`/payments?merchant=${merchant}`}>
          {merchant}
        </Link>
      ),
    },
    {
      key: 'signed_on',
      title: t('terminals.signed_on'),
      cell: ({ signed_on }) => <Sign good={signed_on}>{said(signed_on)}</Sign>,
    },
    {
      key: 'batch',
      title: t('terminals.batch'),
      end: true,
      cell: ({ batch }) => <span className="code">{String(batch).padStart(6, '0')}</span>,
    },
    { key: 'settled', title: t('terminals.settled'), cell: ({ settled }) => said(settled) },
    {
      key: 'certified',
      title: t('terminals.certified'),
      cell: ({ certified }) => said(certified),
    },
  ]
  return (
    <>
      <PageHead title={t('terminals.title')}>
        <p className="soft">
          {t('terminals.certified')}: {t('terminals.certified.explained')}
        </p>
      </PageHead>
      <Loaded query={query}>
        {({ pages }) => (
          <div className="panel">
            <DataTable
              caption={t('terminals.title')}
              columns={columns}
              rows={pages.flatMap(({ items }) => items)}
              rowKey={({ merchant, terminal }) => `${merchant} ${terminal}`}
              empty={t('terminals.none')}
            />
            <More query={query} />
          </div>
        )}
      </Loaded>
    </>
  )
}
