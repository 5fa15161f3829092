import { useQuery } from '@tanstack/react-query'
import { Refused } from '../../api/client'
import { batches } from '../../api/queries'
import type { Batch } from '../../api/paths'
import { useText } from '../../app/preferences'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { money } from '../../format/money'

/** Batches, and how far the money of each has come. */
export function Settlement() {
  const t = useText()
  const query = useQuery(batches)
  const missing = query.error instanceof Refused && query.error.problem.status === 404
  return (
    <Panel title={t('settlement.title')} className="merchant-settlement">
      {missing ? (
        <p className="soft">{t('merchant.missing')}</p>
      ) : (
        <Loaded query={query}>
          {({ items }) => (
            <DataTable
              caption={t('settlement.title')}
              rows={items}
              rowKey={({ terminal, batch }) => `${terminal} ${batch}`}
              empty={t('settlement.none')}
              columns={[
                {
                  key: 'terminal',
                  title: t('settlement.terminal'),
                  cell: ({ terminal, batch }) => (
                    <span className="code">
                      {terminal} / {String(batch).padStart(6, '0')}
                    </span>
                  ),
                },
                {
                  key: 'count',
                  title: t('settlement.count'),
                  end: true,
                  cell: ({ count }) => <span className="figure">{count}</span>,
                },
                {
                  key: 'sum',
                  title: t('settlement.sum'),
                  end: true,
                  cell: ({ sum }) => <strong className="figure">{money(sum)}</strong>,
                },
                {
                  key: 'fee',
                  title: t('settlement.fee'),
                  end: true,
                  cell: ({ fee }) => fee && <span className="figure">{money(fee)}</span>,
                },
                {
                  key: 'state',
                  title: t('settlement.state'),
                  cell: ({ state }) => (
                    <span className={`tag tag-${TONE[state]}`}>{t(`settlement.state.${state}`)}</span>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      )}
    </Panel>
  )
}

const TONE: Record<Batch['state'], string> = {
  open: 'indigo',
  settled: 'jade',
  differs: 'cinnabar',
  paid: 'jade',
}
