import { useQuery } from '@tanstack/react-query'
import { batches } from '../../api/queries'
import type { Batch, BatchSide } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { money } from '../../format/money'

/** The batch that each terminal works in, and whether both sides agree about it. */
export function Settlement() {
  const t = useText()
  const query = useQuery(batches)
  return (
    <Panel title={t('settlement.title')} className="merchant-settlement">
      <p className="soft">{t('settlement.how')}</p>
      <Loaded query={query}>
        {({ items }) => (
          <DataTable
            caption={t('settlement.title')}
            rows={items}
            rowKey={({ terminal }) => terminal}
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
                key: 'sales',
                title: t('settlement.sales'),
                end: true,
                cell: ({ sales }) => <Sum side={sales} />,
              },
              {
                key: 'returns',
                title: t('settlement.returns'),
                end: true,
                cell: ({ returns }) => <Sum side={returns} />,
              },
              {
                key: 'net',
                title: t('settlement.net'),
                end: true,
                cell: ({ sales, returns }) => (
                  <strong className="figure">
                    {money({ ...sales.sum, minor: sales.sum.minor - returns.sum.minor })}
                  </strong>
                ),
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
    </Panel>
  )
}

function Sum({ side }: { side: BatchSide }) {
  return (
    <span className="figure">
      {money(side.sum)} <span className="soft">({side.count})</span>
    </span>
  )
}

const TONE: Record<Batch['state'], string> = {
  open: 'indigo',
  settled: 'jade',
  differs: 'cinnabar',
}
