import type * as shapes from './shapes'
import type * as shop from './shop'

/** The interface's paths, in the form in which openapi-typescript writes them. */
export interface paths {
  '/api/session': {
    get: Get<shapes.Session>
    post: Post<{ name: string; password: string; code?: string }, shapes.Session>
    delete: Delete
  }
  '/api/session/password': { post: Post<{ old: string; new: string }> }
  '/api/session/totp': {
    post: Post<{ password: string }, { uri: string; secret: string }>
    put: Post<{ code: string }>
  }
  '/api/payments': { get: Get<shapes.List<shapes.PaymentRow>, shapes.PaymentQuery & Page> }
  '/api/payments/{rrn}': { get: GetOne<shapes.PaymentPage, { rrn: string }> }
  '/api/payments/{rrn}/decision': {
    post: PostTo<
      { rrn: string },
      { leg: number; decision: shapes.Decision; reason: string },
      { proposal: string } | undefined
    >
  }
  '/api/payments/{rrn}/slip': {
    get: GetText<
      { rrn: string },
      { leg?: number; language?: 'zh' | 'en'; copy?: 'merchant' | 'payer'; format: 'text' }
    >
  }
  '/api/payments/{rrn}/refund': {
    post: PostTo<{ rrn: string }, { amount: number; reason: string }, shop.RefundMade>
  }
  '/api/batches': { get: Get<shapes.List<shop.Batch>, Page> }
  '/api/accounts': {
    get: Get<shapes.List<shop.Account>, Pick<Page, 'cursor'>>
    post: Post<shop.NewAccount, shop.FirstPassword>
  }
  '/api/accounts/{name}/{what}': {
    post: PostTo<
      { name: string; what: 'disable' | 'enable' | 'reset' },
      { reason: string },
      shop.FirstPassword | shop.Waits | undefined
    >
  }
  '/api/keys': {
    get: Get<shapes.List<shapes.KeyRow>>
    post: Post<shapes.KeyBody, shapes.MadeBody>
  }
  '/api/keys/{id}': { delete: DeleteOne<{ id: string }> }
  '/api/proposals': { get: Get<shapes.List<shapes.Proposal>, Page> }
  '/api/proposals/{id}/{verdict}': {
    post: PostTo<{ id: string; verdict: 'approve' | 'refuse' }, { reason?: string }>
  }
  '/api/risk': { get: Get<shapes.Risk> }
  '/api/links': { get: Get<shapes.List<shapes.LinkRow>> }
  '/api/links/{name}/mode': { post: PostTo<{ name: string }, { mode: shapes.LinkMode; reason: string }> }
  '/api/terminals': { get: Get<shapes.List<shapes.TerminalRow>, Page> }
  '/api/alarms': { get: Get<shapes.List<shapes.Alarm>, Page> }
  '/api/health': { get: Get<shapes.Health> }
  '/api/audit': { get: Get<shapes.List<shapes.AuditEntry>, { who?: string; what?: string } & Page> }
}

interface Page {
  cursor?: string
  limit?: number
}

interface Content<Type extends string, Body> {
  headers: Record<string, unknown>
  content: Record<Type, Body>
}

interface Answers<Body, Type extends string = 'application/json'> {
  200: Content<Type, Body>
  default: Content<'application/problem+json', shapes.Problem>
}

interface Parameters<Query, Path> {
  query?: Query
  header?: never
  path: Path
  cookie?: never
}

interface Get<Body, Query = never> {
  parameters: Omit<Parameters<Query, never>, 'path'> & { path?: never }
  responses: Answers<Body>
}

interface GetOne<Body, Path> {
  parameters: Parameters<never, Path>
  responses: Answers<Body>
}

interface GetText<Path, Query> {
  parameters: Parameters<Query, Path>
  responses: Answers<string, 'text/plain'>
}

interface Post<Given, Body = undefined> {
  parameters: Omit<Parameters<never, never>, 'path'> & { path?: never }
  requestBody?: { content: { 'application/json': Given } }
  responses: Answers<Body>
}

interface PostTo<Path, Given, Body = undefined> {
  parameters: Parameters<never, Path>
  requestBody: { content: { 'application/json': Given } }
  responses: Answers<Body>
}

interface Delete {
  parameters: Omit<Parameters<never, never>, 'path'> & { path?: never }
  responses: Answers<undefined>
}

interface DeleteOne<Path> {
  parameters: Parameters<never, Path>
  responses: Answers<undefined>
}
