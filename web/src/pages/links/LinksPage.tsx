import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { links } from '../../api/queries'
import type { LinkRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { DataTable, type Column } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { PageHead } from '../../components/PageHead'
import { Sign } from '../../components/Sign'
import { OrderDialog } from './OrderDialog'

/** The bank links: line, breaker, load, and the orders of people about them. */
export function LinksPage() {
  const t = useText()
  const may = useMay()
  const query = useQuery(links)
  const [ordered, setOrdered] = useState<LinkRow | null>(null)
  const columns: Column<LinkRow>[] = [
    { key: 'name', title: t('links.name'), cell: ({ name }) => <strong>{name}</strong> },
    {
      key: 'line',
      title: t('links.line'),
      cell: ({ up }) => <Sign good={up}>{t(up ? 'links.line.up' : 'links.line.down')}</Sign>,
    },
    {
      key: 'breaker',
      title: t('links.breaker'),
      cell: ({ tripped }) => (
        <Sign good={!tripped}>{t(tripped ? 'links.breaker.tripped' : 'links.breaker.closed')}</Sign>
      ),
    },
    { key: 'mode', title: t('links.mode'), cell: (link) => <Mode link={link} /> },
    {
      key: 'lanes',
      title: t('links.lanes'),
      end: true,
      cell: ({ flying, window }) => <span className="figure">{t('links.lanes.of', { flying, window })}</span>,
    },
    { key: 'waiting', title: t('links.waiting'), end: true, cell: ({ waiting }) => waiting },
    { key: 'failures', title: t('links.failures'), end: true, cell: ({ failures }) => failures },
  ]
  if (may('order')) {
    columns.push({
      key: 'order',
      title: t('links.order'),
      end: true,
      cell: (link) => (
        <Button
          size="small"
          aria-label={t('links.order.title', { name: link.name })}
          onClick={() => setOrdered(link)}
        >
          {t('links.order')}
        </Button>
      ),
    })
  }
  return (
    <>
      <PageHead title={t('links.title')} />
      <Loaded query={query}>
        {({ items }) => (
          <div className="panel">
            <DataTable
              caption={t('links.title')}
              columns={columns}
              rows={items}
              rowKey={({ name }) => name}
              empty={t('links.none')}
            />
          </div>
        )}
      </Loaded>
      {ordered !== null && <OrderDialog link={ordered} onDone={() => setOrdered(null)} />}
    </>
  )
}

function Mode({ link }: { link: LinkRow }) {
  const t = useText()
  return (
    <>
      <span className={`tag ${link.mode === 'normal' ? 'tag-jade' : 'tag-amber'}`}>
        {t(`mode.${link.mode}`)}
      </span>
      {link.by !== null && (
        <span className="soft"> {t('links.ordered', { by: link.by, reason: link.reason ?? '' })}</span>
      )}
    </>
  )
}
