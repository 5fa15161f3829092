import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input } from 'antd'
import { useId, useState } from 'react'
import { answered, api } from '../../api/client'
import type { PaymentRow } from '../../api/shapes'
import type { RefundMade } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { ReasonDialog } from '../../components/ReasonDialog'
import { minorOf, money } from '../../format/money'

interface RefundDialogProps {
  row: PaymentRow
  /** With what came of it; null: nothing was asked for. */
  onDone: (made: RefundMade | null) => void
}

/** Gives money back for a sale: never more than was taken, which the server sees to as well. */
export function RefundDialog({ row, onDone }: RefundDialogProps) {
  const t = useText()
  const id = useId()
  const queries = useQueryClient()
  const [typed, setTyped] = useState((row.amount.minor / 100).toFixed(2))
  const minor = minorOf(typed)
  const bad = minor === null || minor <= 0 || minor > row.amount.minor
  const { rrn } = row
  // One dialog is one refund, however often it is sent.
  const [key] = useState(freshKey)
  const refund = useMutation({
    mutationFn: ({ amount, reason }: { amount: number; reason: string }) =>
      answered(
        api.POST('/api/payments/{rrn}/refund', {
          params: { path: { rrn } },
          headers: { 'idempotency-key': key },
          body: { amount, reason },
        }),
      ),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['payments'] })
      onDone(made)
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

function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
