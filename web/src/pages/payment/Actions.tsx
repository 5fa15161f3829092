import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { answered, api } from '../../api/client'
import { proposals } from '../../api/queries'
import type { Action, Leg } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { Panel } from '../../components/Panel'
import { actionWord } from '../../components/terms'
import { ReasonDialog } from '../../components/ReasonDialog'

interface ActionsProps {
  rrn: string
  actions: readonly Action[]
  legs: readonly Leg[]
}

/** What a person may decide now. Each decision is evidence, with name and reason. */
export function Actions({ rrn, actions, legs }: ActionsProps) {
  const t = useText()
  const [chosen, setChosen] = useState<Action | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  return (
    <Panel title={t('payment.actions')}>
      {said !== null && <Alert role="status" type="success" showIcon title={said} className="actions-said" />}
      <Waiting rrns={legs.map((leg) => leg.rrn)} />
      {actions.length === 0 ? (
        <p className="soft">{t('payment.no_actions')}</p>
      ) : (
        <>
          <p className="soft actions-note">{t('payment.evidence')}</p>
          <ul className="actions">
            {actions.map((action) => (
              <li key={`${action.leg} ${action.decision}`}>
                <Button danger={action.second_person} onClick={() => setChosen(action)}>
                  {t(`decision.${action.decision}`)}
                </Button>
                {legs.length > 1 && <span className="soft">{t('payment.leg', { no: action.leg + 1 })}</span>}
                {action.second_person && <span className="tag tag-amber">{t('payment.second_person')}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {chosen !== null && (
        <DecisionDialog
          rrn={rrn}
          action={chosen}
          onDone={(outcome) => {
            setSaid(outcome)
            setChosen(null)
          }}
        />
      )}
    </Panel>
  )
}

/** Proposals about this payment that a second person has not decided. */
function Waiting({ rrns }: { rrns: readonly string[] }) {
  const t = useText()
  const may = useMay()
  const { data } = useQuery({ ...proposals, enabled: may('proposals') })
  const waiting = data?.items.filter(({ about }) => rrns.includes(about)) ?? []
  return waiting.map(({ id, by, action, reason }) => (
    <p key={id} className="actions-waiting">
      <strong>{t('payment.waits')}</strong>:{' '}
      {t('payment.proposal.by', { who: by, action: actionWord(t, action), reason })}{' '}
      <Link to="/proposals">{t('nav.proposals')}</Link>
    </p>
  ))
}

interface DecisionDialogProps {
  rrn: string
  action: Action
  /** Called with what came of it; null when it was given up. */
  onDone: (outcome: string | null) => void
}

function DecisionDialog({ rrn, action, onDone }: DecisionDialogProps) {
  const t = useText()
  const queries = useQueryClient()
  const { leg, decision, second_person } = action
  const decide = useMutation({
    mutationFn: (reason: string) =>
      answered<{ proposal: string } | undefined>(
        api.POST('/api/payments/{rrn}/decision', {
          params: { path: { rrn } },
          body: { leg, decision, reason },
        }),
      ),
    onSuccess: async (proposed) => {
      await queries.invalidateQueries({ queryKey: ['payments'] })
      await queries.invalidateQueries({ queryKey: proposals.queryKey })
      onDone(proposed ? t('payment.proposed', { id: proposed.proposal }) : t('payment.decided'))
    },
  })
  return (
    <ReasonDialog
      title={t(`decision.${decision}`)}
      confirm={t('reason.confirm')}
      danger={second_person}
      busy={decide.isPending}
      error={decide.error}
      onConfirm={(reason) => decide.mutate(reason)}
      onCancel={() => onDone(null)}
    >
      <p className="soft actions-note">{t(second_person ? 'payment.second_person' : 'payment.evidence')}</p>
    </ReasonDialog>
  )
}
