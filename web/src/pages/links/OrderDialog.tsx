import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Radio } from 'antd'
import { useState } from 'react'
import { answered, api } from '../../api/client'
import { links } from '../../api/queries'
import { LINK_MODES, type LinkRow } from '../../api/shapes'
import { useText } from '../../app/preferences'
import { ReasonDialog } from '../../components/ReasonDialog'

/** A named person orders what a link is used for; the order outlives a restart. */
export function OrderDialog({ link, onDone }: { link: LinkRow; onDone: () => void }) {
  const t = useText()
  const queries = useQueryClient()
  const [mode, setMode] = useState(link.mode)
  const order = useMutation({
    mutationFn: (reason: string) =>
      answered(
        api.POST('/api/links/{link}/mode', { params: { path: { link: link.name } }, body: { mode, reason } }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: links.queryKey })
      onDone()
    },
  })
  return (
    <ReasonDialog
      title={t('links.order.title', { name: link.name })}
      confirm={t('links.order.send')}
      danger={mode === 'draining'}
      busy={order.isPending}
      error={order.error}
      onConfirm={(reason) => order.mutate(reason)}
      onCancel={onDone}
    >
      <Radio.Group
        className="choices"
        aria-label={t('links.mode')}
        value={mode}
        onChange={(event) => setMode(LINK_MODES.find((known) => known === event.target.value) ?? mode)}
      >
        {LINK_MODES.map((each) => (
          <Radio key={each} value={each}>
            {t(`mode.${each}`)} <span className="soft">{t(`mode.${each}.explained`)}</span>
          </Radio>
        ))}
      </Radio.Group>
    </ReasonDialog>
  )
}
