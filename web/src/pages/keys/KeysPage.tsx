import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { keys } from '../../api/queries'
import type { KeyRow, MadeBody } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { DataTable, type Column } from '../../components/DataTable'
import { Loaded } from '../../components/Loaded'
import { PageHead } from '../../components/PageHead'
import { ShownOnce } from '../../components/ShownOnce'
import { roleWord } from '../../components/terms'
import { useNow } from '../../components/useNow'
import { time } from '../../format/time'
import { stateOf } from './key'
import { KeyStateTag } from './KeyStateTag'
import { MakeKey } from './MakeKey'
import { RevokeKey } from './RevokeKey'

/** Keys with which machines ask the API. A key itself is shown once. */
export function KeysPage() {
  const t = useText()
  const now = useNow()
  const query = useQuery(keys)
  const [makes, setMakes] = useState(false)
  const [made, setMade] = useState<MadeBody | null>(null)
  const [revokes, setRevokes] = useState<KeyRow | null>(null)
  const moment = (ms: number) => <span className="figure">{time(ms)}</span>
  const columns: Column<KeyRow>[] = [
    { key: 'label', title: t('keys.label'), cell: ({ label }) => <strong>{label}</strong> },
    { key: 'id', title: t('keys.id'), cell: ({ id }) => <span className="code">{id}</span> },
    {
      key: 'role',
      title: t('account.role'),
      cell: ({ role, merchant }) => (
        <>
          {roleWord(t, role)} {merchant !== null && <span className="code soft">{merchant}</span>}
        </>
      ),
    },
    {
      key: 'state',
      title: t('account.state'),
      cell: (key) => <KeyStateTag state={stateOf(key, now)} />,
    },
    { key: 'expires', title: t('keys.expires'), cell: ({ expires_ms }) => moment(expires_ms) },
    {
      key: 'used',
      title: t('keys.used'),
      cell: ({ used_ms }) =>
        used_ms === null ? <span className="soft">{t('keys.unused')}</span> : moment(used_ms),
    },
    { key: 'by', title: t('keys.by'), cell: ({ made_by }) => made_by },
    {
      key: 'do',
      title: t('account.do'),
      cell: (key) =>
        stateOf(key, now) === 'good' && (
          <Button aria-label={t('keys.revoke.named', { label: key.label })} onClick={() => setRevokes(key)}>
            {t('keys.revoke')}
          </Button>
        ),
    },
  ]
  return (
    <>
      <PageHead title={t('keys.title')}>
        <Button type="primary" onClick={() => setMakes(true)}>
          {t('keys.make')}
        </Button>
        <p className="soft">{t('keys.explained')}</p>
      </PageHead>
      {made !== null && (
        <ShownOnce
          key={made.id}
          title={t('keys.made', { id: made.id })}
          secret={made.key}
          onGone={() => setMade(null)}
        >
          <p>
            {t('keys.header')} <code className="code">Authorization: Bearer …</code>
          </p>
        </ShownOnce>
      )}
      <Loaded query={query}>
        {({ items }) => (
          <div className="panel">
            <DataTable
              caption={t('keys.title')}
              columns={columns}
              rows={items}
              rowKey={({ id }) => id}
              empty={t('keys.none')}
            />
          </div>
        )}
      </Loaded>
      {makes && (
        <MakeKey
          onDone={(told) => {
            setMade(told)
            setMakes(false)
          }}
          onClose={() => setMakes(false)}
        />
      )}
      {revokes !== null && <RevokeKey row={revokes} onClose={() => setRevokes(null)} />}
    </>
  )
}
