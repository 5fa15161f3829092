import { Button } from 'antd'
import { useText } from '../app/preferences'

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> }
}

/** Reads the next page of a list, while there is one. */
export function More({ query }: MoreProps) {
  const t = useText()
  if (!query.hasNextPage) {
    return null
  }
  return (
    <div className="more">
      <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('app.more')}
      </Button>
    </div>
  )
}
