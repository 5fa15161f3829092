import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { answered, api } from '../../api/client'
import { session } from '../../api/queries'
import { useText } from '../../app/preferences'
import { Panel } from '../../components/Panel'
import { Sign } from '../../components/Sign'
import { Trouble } from '../../components/Trouble'
import { QrCode } from '../../components/QrCode'

/** One-time codes: a key is offered, and counts only when a code of it was given back. */
export function TotpPanel({ on, must }: { on: boolean; must: boolean }) {
  const t = useText()
  const queries = useQueryClient()
  const offer = useMutation({
    mutationFn: (given: { password: string }) => answered(api.POST('/api/session/totp', { body: given })),
  })
  const confirm = useMutation({
    mutationFn: ({ code }: { code: string }) => answered(api.PUT('/api/session/totp', { body: { code } })),
    onSuccess: async () => {
      offer.reset()
      await queries.invalidateQueries({ queryKey: session.queryKey })
    },
  })
  return (
    <Panel title={t('me.totp')} aside={<Sign good={on}>{t(on ? 'me.totp.on' : 'me.totp.off')}</Sign>}>
      {must && <Alert type="warning" showIcon title={t('me.totp.must')} />}
      {confirm.isSuccess && <Alert role="status" type="success" showIcon title={t('me.totp.done')} />}
      {offer.isError && <Trouble error={offer.error} />}
      {offer.data === undefined ? (
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(given: { password: string }) => offer.mutate(given)}
        >
          <Form.Item
            name="password"
            label={t('sign_in.password')}
            rules={[{ required: true, message: t('sign_in.wanted') }]}
          >
            <Input.Password autoComplete="current-password" maxLength={256} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={offer.isPending}>
            {t(on ? 'me.totp.replace' : 'me.totp.start')}
          </Button>
        </Form>
      ) : (
        <>
          <p>{t('me.totp.scan')}</p>
          <QrCode className="totp-qr" text={offer.data.uri} label={t('me.totp.qr')} />
          <p className="soft">{t('me.totp.secret')}</p>
          <p className="code totp-secret">{offer.data.secret}</p>
          {confirm.isError && <Trouble error={confirm.error} />}
          <Form
            layout="vertical"
            requiredMark={false}
            onFinish={(given: { code: string }) => confirm.mutate(given)}
          >
            <Form.Item
              name="code"
              label={t('sign_in.code')}
              rules={[{ required: true, pattern: /^\d{6}$/, message: t('sign_in.code.explained') }]}
            >
              <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} autoFocus />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={confirm.isPending}>
              {t('me.totp.confirm')}
            </Button>
          </Form>
        </>
      )}
    </Panel>
  )
}
