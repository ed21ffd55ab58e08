import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { EngineError } from '../../engine/errors.ts'
import { BrowserLogin } from './browser-login.ts'
import type { ClusterHistory } from './cluster-history.ts'
import { openApi } from './openapi.ts'
import { prometheusText } from './prometheus.ts'
import { findRoute, wholeNumber } from './routes.ts'
import type { Slice } from './views.ts'

/** A page of a list has so many entries unless it says otherwise, and never more than the second number. */
const LIMIT = 100
const MOST = 1000
/** A request that has not arrived whole by then is dropped. */
const REQUEST_MS = 10_000

export interface UiOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly history: ClusterHistory
  /** Who knows it may look; null: everyone, which is for loopback only. */
  readonly token: string | null
  readonly tls: { readonly certificate: string; readonly key: string } | null
}

/** A server of pages, REST and metrics. */
export interface UiServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves the driver's page, `/api/v1`, `/openapi.json` and `/metrics`. It only tells; it takes no orders. */
export async function serveUi(options: UiOptions): Promise<UiServer> {
  const login = options.token === null ? null : new BrowserLogin(options.token)
  const listener: RequestListener = (request, response) => {
    void handle(request, response, options.history, login).catch((error: unknown) => {
      sendError(response, error)
    })
  }
  const { tls, host, port } = options
  const server =
    tls === null ? createServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.key }, listener)
  server.requestTimeout = REQUEST_MS
  server.headersTimeout = REQUEST_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new EngineError('CONFIG_INVALID', `cannot listen on ${host}:${port} for the page: ${cause.message}`, {
          hint: 'Choose another address with --ui.',
          cause,
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  history: ClusterHistory,
  login: BrowserLogin | null,
): Promise<void> {
  const url = addressOf(request)
  const path = url.pathname
  if (path === '/login' && login !== null) return await login.handle(request, response)
  if (login !== null && !login.knows(request)) {
    if (request.headers.accept?.includes('text/html') === true) return login.showForm(response)
    throw new EngineError('UNAUTHENTICATED', 'the token is missing or wrong', {
      hint: 'Send the header "Authorization: Bearer TOKEN".',
    })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(
      response,
      405,
      'application/json',
      JSON.stringify({ error: 'only GET is answered', hint: null }),
    )
  }
  if (path.startsWith('/api/v1/')) return sendApi(response, path.slice('/api/v1'.length), url, history)
  if (path === '/openapi.json') return sendJson(response, openApi())
  if (path === '/metrics') return send(response, 200, 'text/plain; version=0.0.4', prometheusText(history))
  sendAsset(response, path === '/' ? '/index.html' : path)
}

function addressOf({ url = '/' }: IncomingMessage): URL {
  const address = URL.canParse(url, 'http://driver') ? new URL(url, 'http://driver') : null
  if (address === null) throw new EngineError('INVALID_ARGUMENT', `"${url}" is not an address`)
  return address
}

function sendApi(response: ServerResponse, path: string, url: URL, history: ClusterHistory): void {
  const found = findRoute(path)
  const slice: Slice = {
    limit: Math.min(MOST, wholeNumber('limit', url.searchParams.get('limit') ?? String(LIMIT))),
    offset: wholeNumber('offset', url.searchParams.get('offset') ?? '0'),
  }
  const answer = found?.route.answer(history, found.params, slice)
  if (answer === undefined) throw new EngineError('NOT_FOUND', `there is no "${url.pathname}"`)
  sendJson(response, answer)
}

/** The page takes nothing from elsewhere, and runs nothing that stands in its text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
].join('; ')

/** What the page is made of, by address; everything else is not there. */
const ASSETS: Readonly<Record<string, string>> = {
  '/index.html': 'text/html; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/page.js': 'text/javascript; charset=utf-8',
  '/elements.js': 'text/javascript; charset=utf-8',
  '/job-page.js': 'text/javascript; charset=utf-8',
  '/list-pages.js': 'text/javascript; charset=utf-8',
  '/plan-graph.js': 'text/javascript; charset=utf-8',
}

function sendAsset(response: ServerResponse, path: string): void {
  const type = ASSETS[path]
  if (type === undefined) throw new EngineError('NOT_FOUND', `there is no "${path}"`)
  response.setHeader('content-security-policy', POLICY)
  send(response, 200, type, readFileSync(assetFile(path)))
}

/** The built page, also when this module itself runs from its TypeScript source. */
function assetFile(path: string): URL {
  const places = [`./page${path}`, `../../dist/driver/ui/page${path}`]
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (found !== undefined) return found
  throw new EngineError('INTERNAL_ERROR', `the page's file "${path}" is missing`, {
    hint: 'Build the package first: npm run build.',
  })
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value))
}

const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  INVALID_ARGUMENT: 400,
}

function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof EngineError ? error : null
  const status = STATUS[known?.code ?? ''] ?? 500
  const body = { error: known?.message ?? 'the driver could not answer', hint: known?.hint ?? null }
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  if (!response.headersSent) send(response, status, 'application/json', JSON.stringify(body))
  else response.end()
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  response.end(body)
}
