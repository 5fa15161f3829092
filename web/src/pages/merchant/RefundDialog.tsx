import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input } from 'antd'
import { useId, useState } from 'react'
import { answered, api } from '../../api/client'
import type { PaymentRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { ReasonDialog } from '../../components/ReasonDialog'
import { minorOf, money } from '../../format/money'

/** Gives money back for a sale: never more than was taken, which the server sees to as well. */
export function RefundDialog({ row, onDone }: { row: PaymentRow; onDone: (rrn: string | null) => void }) {
  const t = useText()
  const id = useId()
  const queries = useQueryClient()
  const [typed, setTyped] = useState((row.amount.minor / 100).toFixed(2))
  const minor = minorOf(typed)
  const bad = minor === null || minor <= 0 || minor > row.amount.minor
  const { rrn } = row
  const refund = useMutation({
    mutationFn: ({ amount, reason }: { amount: number; reason: string }) =>
      answered(
        api.POST('/api/payments/{rrn}/refund', { params: { path: { rrn } }, body: { amount, reason } }),
      ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['payments'] })
      onDone(made.rrn)
    },
  })
  return (
    <ReasonDialog
      title={t('slips.refund.named', { rrn })}
      confirm={t('refund.go')}
      danger
      busy={refund.isPending}
      error={refund.error}
      onConfirm={(reason) => {
        if (!bad) {
          refund.mutate({ amount: minor, reason })
        }
      }}
      onCancel={() => onDone(null)}
    >
      <label htmlFor={id}>{t('refund.amount')}</label>
      <Input
        id={id}
        inputMode="decimal"
        value={typed}
        status={bad ? 'error' : ''}
        aria-invalid={bad}
        onChange={(event) => setTyped(event.target.value)}
      />
      {bad && (
        <p role="alert" className="merchant-bad">
          {t('refund.bad', { most: money(row.amount) })}
        </p>
      )}
    </ReasonDialog>
  )
}
