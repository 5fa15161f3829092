import { useInfiniteQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { payments } from '../../api/queries'
import { useText } from '../../app/preferences'
import { DataTable } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { More } from '../../components/More'
import { PageHead } from '../../components/PageHead'
import { columns } from './columns'
import { FilterForm } from './FilterForm'
import { filtersOf, queryOf, searchOf } from './filters'
import './payments.css'

/** Search and list; the filters stand in the address, so that what was found can be handed on. */
export function PaymentsPage() {
  const t = useText()
  const [search, setSearch] = useSearchParams()
  const filters = filtersOf(search)
  const query = useInfiniteQuery(payments(queryOf(filters)))
  return (
    <>
      <PageHead title={t('payments.title')} />
      <FilterForm key={search.toString()} filters={filters} onSearch={(next) => setSearch(searchOf(next))} />
      <Loaded query={query}>
        {({ pages }) => (
          <div className="panel">
            <DataTable
              caption={t('payments.title')}
              columns={columns(t)}
              rows={pages.flatMap(({ items }) => items)}
              rowKey={({ id }) => id}
              empty={t('payments.none')}
            />
            <More query={query} />
          </div>
        )}
      </Loaded>
    </>
  )
}
