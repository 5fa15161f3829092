import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { answered, api } from '../../api/client'
import { unanswered } from '../../api/queries'
import type { PaymentRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { useMay } from '../../app/session'
import { Due } from '../../components/Due'
import { Loaded } from '../../components/Loaded'
import { Panel } from '../../components/Panel'
import { ReasonDialog } from '../../components/ReasonDialog'
import { money } from '../../format/money'
import { clock } from '../../format/time'

interface Chosen {
  row: PaymentRow
  yes: boolean
}

/** Payments of which only the shop knows whether the goods left it. */
export function Answers() {
  const t = useText()
  const may = useMay()
  const query = useQuery(unanswered)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  return (
    <Panel title={t('answer.title')} className="merchant-answers">
      {said !== null && (
        <Alert role="status" type="success" showIcon title={t('answer.said', { rrn: said })} />
      )}
      <Loaded query={query}>
        {({ items }) => {
          const waiting = items.filter(({ duty }) => duty?.kind === 'hear_merchant')
          return waiting.length === 0 ? (
            <p className="soft">{t('answer.none')}</p>
          ) : (
            <ul className="answers">
              {waiting.map((row) => (
                <li key={row.id}>
                  <p>
                    <strong className="figure">{money(row.amount)}</strong>{' '}
                    <span className="figure soft">{clock(row.opened_ms)}</span>{' '}
                    <span className="code soft">
                      {row.card} · {row.rrn}
                    </span>
                  </p>
                  <p>
                    {t('answer.question')} {row.duty && <Due duty={row.duty} brief />}
                  </p>
                  {may('decide') ? (
                    <div className="answers-go">
                      <Button
                        type="primary"
                        aria-label={t('answer.yes.title', { rrn: row.rrn })}
                        onClick={() => setChosen({ row, yes: true })}
                      >
                        {t('answer.yes')}
                      </Button>
                      <Button
                        aria-label={t('answer.no.title', { rrn: row.rrn })}
                        onClick={() => setChosen({ row, yes: false })}
                      >
                        {t('answer.no')}
                      </Button>
                    </div>
                  ) : (
                    <p className="soft">{t('answer.owner')}</p>
                  )}
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
      {chosen !== null && (
        <AnswerDialog
          chosen={chosen}
          onDone={(rrn) => {
            setSaid(rrn)
            setChosen(null)
          }}
        />
      )}
    </Panel>
  )
}

function AnswerDialog({ chosen, onDone }: { chosen: Chosen; onDone: (said: string | null) => void }) {
  const t = useText()
  const queries = useQueryClient()
  const { row, yes } = chosen
  const { rrn } = row
  const decide = useMutation({
    mutationFn: (reason: string) =>
      answered<unknown>(
        api.POST('/api/payments/{rrn}/decision', {
          params: { path: { rrn } },
          body: { leg: 0, decision: yes ? 'has' : 'has_not', reason },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['payments'] })
      onDone(rrn)
    },
  })
  return (
    <ReasonDialog
      title={t(yes ? 'answer.yes.title' : 'answer.no.title', { rrn })}
      confirm={t(yes ? 'answer.yes' : 'answer.no')}
      danger={!yes}
      busy={decide.isPending}
      error={decide.error}
      onConfirm={(reason) => decide.mutate(reason)}
      onCancel={() => onDone(null)}
    >
      <p className="merchant-note">
        <strong className="figure">{money(row.amount)}</strong>{' '}
        {t(yes ? 'answer.yes.explained' : 'answer.no.explained')}
      </p>
    </ReasonDialog>
  )
}
