import { Skeleton } from 'antd'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../app/preferences'
import { Trouble } from './Trouble'

/** What a query brought, or that it is on its way, or why it failed. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>
  children: (data: Data) => ReactNode
}) {
  const t = useText()
  if (query.data !== undefined) {
    return children(query.data)
  }
  if (query.isError) {
    return <Trouble error={query.error} again={query.refetch} />
  }
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton active paragraph={{ rows: 3 }} title={false} />
    </div>
  )
}
