import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { useState } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { answered, api, Refused } from '../../api/client'
import { session } from '../../api/queries'
import type { Problem } from '../../api/shapes'
import { Brand } from '../../app/Brand'
import { homeOf } from '../../app/home'
import { useText } from '../../app/preferences'
import { Switches } from '../../app/Switches'
import { PageHead } from '../../components/PageHead'
import { Tally } from '../../components/tally/Tally'
import { Trouble } from '../../components/Trouble'
import { useNow } from '../../components/useNow'
import { useSpan } from '../../components/useSpan'
import './sign-in.css'

interface Given {
  name: string
  password: string
  code?: string
}

/** Name and password, then the one-time code of those who have one. */
export function SignInPage() {
  const t = useText()
  const [search] = useSearchParams()
  const { data: signedIn } = useQuery(session)
  if (signedIn) {
    return <Navigate to={inside(search.get('to')) ?? homeOf(signedIn)} replace />
  }
  return (
    <div className="sign-in">
      <header className="sign-in-top">
        <Brand />
        <Switches />
      </header>
      <main className="sign-in-card">
        <Tally issuer="charged" merchant="has" matched size="large" />
        <p className="sign-in-motto">{t('app.motto')}</p>
        <PageHead title={t('sign_in.title')} />
        <SignInForm />
      </main>
    </div>
  )
}

function SignInForm() {
  const t = useText()
  const queries = useQueryClient()
  const [half, setHalf] = useState<Given | null>(null)
  const signIn = useMutation({
    mutationFn: (given: Given) => answered(api.POST('/api/session', { body: given })),
    onSuccess: (opened) => queries.setQueryData(session.queryKey, opened),
    onError: (error, given) => {
      if (problemOf(error)?.code_wanted) {
        setHalf({ name: given.name, password: given.password })
      }
    },
  })
  const needed = [{ required: true, message: t('sign_in.wanted') }]
  const submit = (given: Given) => signIn.mutate({ ...half, ...given })
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} key={half === null ? 'name' : 'code'}>
      {half === null ? (
        <>
          <Form.Item name="name" label={t('sign_in.name')} rules={needed}>
            <Input autoComplete="username" autoFocus maxLength={64} />
          </Form.Item>
          <Form.Item name="password" label={t('sign_in.password')} rules={needed}>
            <Input.Password autoComplete="current-password" maxLength={256} />
          </Form.Item>
        </>
      ) : (
        <Form.Item name="code" label={t('sign_in.code')} extra={t('sign_in.code.explained')} rules={needed}>
          <Input autoComplete="one-time-code" inputMode="numeric" autoFocus maxLength={6} />
        </Form.Item>
      )}
      <Said error={signIn.error} asked={half !== null && signIn.variables?.code === undefined} />
      <div className="sign-in-go">
        <Button type="primary" htmlType="submit" loading={signIn.isPending}>
          {t('sign_in.go')}
        </Button>
        {half !== null && <Button onClick={() => setHalf(null)}>{t('sign_in.back')}</Button>}
      </div>
    </Form>
  )
}

/** Why it was refused; being asked for the code is no refusal. */
function Said({ error, asked }: { error: Error | null; asked: boolean }) {
  const t = useText()
  const now = useNow()
  const span = useSpan()
  const problem = problemOf(error)
  if (error === null || asked) {
    return null
  }
  if (problem?.until_ms !== undefined && problem.until_ms > now) {
    return (
      <Alert role="alert" type="warning" title={t('sign_in.wait', { span: span(problem.until_ms - now) })} />
    )
  }
  if (problem?.status === 401) {
    return <Alert role="alert" type="error" title={t('sign_in.wrong')} />
  }
  return <Trouble error={error} />
}

function problemOf(error: Error | null): Problem | undefined {
  return error instanceof Refused ? error.problem : undefined
}

/** Where one wanted to go: a path of these pages, never another site; null when nowhere. */
function inside(to: string | null): string | null {
  // Who only came to the door did not want to go anywhere in particular.
  return to !== null && to !== '/' && /^\/(?![/\\])/.test(to) ? to : null
}
