import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import type { Problem } from './shapes'

/** The API. Its errors are thrown by `answered` as `Refused`. */
export const api = createClient<paths>({ baseUrl: '/' })

/** The server said no, and why. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

interface Answer<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/** What was answered; throws `Refused` when the server refused. */
export async function answered<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked
  if (!response.ok) {
    throw new Refused(problemOf(error, response))
  }
  return data as Data
}

/** The session's token, which every request that changes something must carry. */
export function carryToken(csrf: string | null): void {
  token = csrf
}

/** Calls `listener` whenever the server no longer knows the session. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener
}

let token: string | null = null
let signedOut: () => void = () => undefined

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && token !== null) {
      request.headers.set('x-csrf-token', token)
    }
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/session') {
      signedOut()
    }
  },
}
api.use(guard)

function problemOf(error: unknown, response: Response): Problem {
  const given = typeof error === 'object' && error !== null ? (error as Partial<Problem>) : {}
  return {
    type: 'about:blank',
    title: response.statusText,
    detail: response.statusText,
    ...given,
    // What the line says goes before what a body claims.
    status: response.status,
  }
}
