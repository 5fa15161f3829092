import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { MockApi } from './api'
import { MockPos } from './pos'
import { MockStream } from './stream'

const DIST = join(import.meta.dirname, '../../dist')
const COOKIE = 'hefu-mock=1'

export interface Mock {
  url: string
  api: MockApi
  stream: MockStream
  pos: MockPos
  close: () => Promise<void>
}

/** Serves the built pages under the gateway's content policy, with the mock API behind them. */
export async function openMock(): Promise<Mock> {
  const [api, stream, pos] = [new MockApi(), new MockStream(), new MockPos()]
  const server = createServer((request, response) => {
    serve({ api, stream, pos }, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    stream.cut()
    pos.streams.forEach((each) => each.cut())
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${port}`, api, stream, pos, close }
}

async function serve(
  { api, stream, pos }: Pick<Mock, 'api' | 'stream' | 'pos'>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://mock')
  if (!pathname.startsWith('/api/')) {
    return page(pathname, response)
  }
  if (pathname === '/api/pos' || pathname.startsWith('/api/pos/')) {
    const live = /^\/api\/pos\/(\d+)\/live$/.exec(pathname)
    if (live !== null) {
      const n = Number(live[1])
      pos.streams.get(n)?.open(response, undefined, { event: 'state', data: pos.now(n) })
      return
    }
    const answer = pos.answer(request.method ?? 'GET', pathname, await body(request))
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
    return
  }
  const signedIn = request.headers.cookie?.includes(COOKIE) ?? false
  if (pathname === '/api/live' && signedIn) {
    stream.open(response, request.headers['last-event-id'] as string | undefined)
    return
  }
  const answer = api.answer({
    method: request.method ?? 'GET',
    path: pathname,
    query: searchParams,
    body: await body(request),
    csrf: request.headers['x-csrf-token'] as string | undefined,
    signedIn,
  })
  if (answer.session !== undefined) {
    response.setHeader(
      'set-cookie',
      `${COOKIE}; HttpOnly; SameSite=Strict; Path=/${answer.session ? '' : '; Max-Age=0'}`,
    )
  }
  if (answer.text !== undefined) {
    response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8' }).end(answer.text)
  } else if (answer.body === undefined) {
    response.writeHead(answer.status).end()
  } else {
    const kind = answer.status >= 400 ? 'application/problem+json' : 'application/json'
    response.writeHead(answer.status, { 'content-type': kind }).end(JSON.stringify(answer.body))
  }
}

async function page(path: string, response: ServerResponse): Promise<void> {
  const kind = KINDS[extname(path)]
  if (kind !== undefined) {
    const file = await readFile(join(DIST, normalize(path)))
    response.writeHead(200, { 'content-type': kind }).end(file)
    return
  }
  const nonce = randomBytes(16).toString('base64')
  const html = await readFile(join(DIST, 'index.html'), 'utf8')
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy(nonce) })
    .end(html.replace('__NONCE__', nonce))
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}

async function body(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) {
    parts.push(part as Buffer)
  }
  const text = Buffer.concat(parts).toString()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

const KINDS: Partial<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
