import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { answered, api } from '../../api/client'
import { accounts, proposals } from '../../api/queries'
import type { Proposal } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { ReasonDialog } from '../../components/ReasonDialog'
import { actionWord } from '../../components/terms'
import { useNow } from '../../components/useNow'
import { useSpan } from '../../components/useSpan'
import { time } from '../../format/time'

type Verdict = 'approve' | 'refuse'

/** One proposal, with the verdicts for those who may give one. */
export function ProposalCard({ proposal }: { proposal: Proposal }) {
  const t = useText()
  const now = useNow()
  const span = useSpan()
  const [verdict, setVerdict] = useState<Verdict | null>(null)
  const { id, by, at_ms, expires_ms, about, action, reason, may_approve } = proposal
  return (
    <article className="proposal">
      <div>
        <h2>
          {actionWord(t, action)} · {RRN.test(about) ? <Link to={`/payments/${about}`}>{about}</Link> : about}
        </h2>
        <p className="proposal-reason">{reason}</p>
        <p className="soft">
          {t('proposals.by', { who: by })} · {time(at_ms)} · {t('proposals.expires')}{' '}
          {t('time.in', { span: span(Math.max(0, expires_ms - now)) })}
        </p>
      </div>
      {may_approve ? (
        <div className="proposal-verdict">
          <Button
            type="primary"
            onClick={() => setVerdict('approve')}
            aria-label={t('proposals.approve.title', { id })}
          >
            {t('proposals.approve')}
          </Button>
          <Button
            danger
            onClick={() => setVerdict('refuse')}
            aria-label={t('proposals.refuse.title', { id })}
          >
            {t('proposals.refuse')}
          </Button>
        </div>
      ) : (
        <p className="soft">{t('proposals.own')}</p>
      )}
      {verdict !== null && <VerdictDialog id={id} verdict={verdict} onDone={() => setVerdict(null)} />}
    </article>
  )
}

function VerdictDialog({ id, verdict, onDone }: { id: string; verdict: Verdict; onDone: () => void }) {
  const t = useText()
  const queries = useQueryClient()
  const decide = useMutation({
    mutationFn: (reason: string) =>
      answered(
        api.POST('/api/proposals/{id}/{verdict}', { params: { path: { id, verdict } }, body: { reason } }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: proposals.queryKey })
      await queries.invalidateQueries({ queryKey: ['payments'] })
      await queries.invalidateQueries({ queryKey: accounts.queryKey })
      onDone()
    },
  })
  return (
    <ReasonDialog
      title={t(`proposals.${verdict}.title`, { id })}
      confirm={t(`proposals.${verdict}`)}
      danger={verdict === 'refuse'}
      busy={decide.isPending}
      error={decide.error}
      onConfirm={(reason) => decide.mutate(reason)}
      onCancel={onDone}
    />
  )
}

/** A reference: what is about a payment leads to its page. */
const RRN = /^[0-9A-Z]{12}$/
