import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { useSearchParams } from 'react-router'
import { audit } from '../../api/queries'
import type { AuditEntry } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable, type Column } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { More } from '../../components/More'
import { PageHead } from '../../components/PageHead'
import { roleWord } from '../../components/terms'
import { time } from '../../format/time'

interface Asked {
  who?: string
  what?: string
}

/** Who did what: filters stand in the address, so that a finding can be handed on. */
export function AuditPage() {
  const t = useText()
  const [search, setSearch] = useSearchParams()
  const asked: Asked = { who: search.get('who') ?? undefined, what: search.get('what') ?? undefined }
  const query = useInfiniteQuery(audit(asked))
  const columns: Column<AuditEntry>[] = [
    { key: 'no', title: t('audit.no'), end: true, cell: ({ no }) => <span className="code">{no}</span> },
    {
      key: 'time',
      title: t('audit.time'),
      cell: ({ at_ms }) => <span className="figure">{time(at_ms)}</span>,
    },
    {
      key: 'who',
      title: t('audit.who'),
      cell: ({ who, role }) => (
        <>
          {who} <span className="soft">{roleWord(t, role)}</span>
        </>
      ),
    },
    { key: 'what', title: t('audit.what'), cell: ({ what }) => what },
    { key: 'about', title: t('audit.about'), cell: ({ about }) => <span className="code">{about}</span> },
    { key: 'detail', title: t('audit.detail'), cell: ({ detail }) => detail },
  ]
  return (
    <>
      <PageHead title={t('audit.title')} />
      <Form
        className="filters"
        layout="inline"
        key={search.toString()}
        initialValues={asked}
        onFinish={(given: Asked) => setSearch(filled(given))}
      >
        <Form.Item name="who" label={t('audit.who')}>
          <Input allowClear maxLength={64} />
        </Form.Item>
        <Form.Item name="what" label={t('audit.what')}>
          <Input allowClear maxLength={64} />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t('payments.search')}
        </Button>
      </Form>
      <Loaded query={query}>
        {({ pages }) => (
          <div className="panel">
            <DataTable
              caption={t('audit.title')}
              columns={columns}
              rows={pages.flatMap(({ items }) => items)}
              rowKey={({ no }) => no}
              empty={t('audit.none')}
            />
            <More query={query} />
          </div>
        )}
      </Loaded>
    </>
  )
}

function filled(given: Asked): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1])),
  )
}
