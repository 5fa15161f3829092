import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useSearchParams } from 'react-router'
import { Brand } from '../../app/Brand'
import { useText } from '../../app/preferences'
import { Switches } from '../../app/Switches'
import { Trouble } from '../../components/Trouble'
import { ask } from './link'
import { Room } from './Room'
import type { Pos } from './shapes'
import './pos.css'

/** The virtual POS: anybody may try it, without signing in. It exists only where a demonstration is served. */
export function PosPage() {
  const t = useText()
  const [search, setSearch] = useSearchParams()
  const query = useQuery({ queryKey: ['pos'], staleTime: Infinity, queryFn: () => ask<Pos>('') })
  const { data } = query
  const asked = Number(search.get('n'))
  const n = data?.terminals.find((till) => till.n === asked)?.n ?? data?.terminals[0]?.n
  if (data !== undefined && n !== undefined) {
    return <Room key={n} pos={data} n={n} onTill={(other) => setSearch({ n: String(other) })} />
  }
  return (
    <div className="pos-closed">
      <header className="pos-closed-top">
        <Brand />
        <Switches />
      </header>
      <main>
        <h1>{t('pos.title')}</h1>
        {query.isPending ? (
          <Skeleton active />
        ) : (
          <>
            <p>{t('pos.none')}</p>
            {query.isError && <Trouble error={query.error} again={query.refetch} />}
          </>
        )}
      </main>
    </div>
  )
}
