import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EngineError } from '../../engine/errors.ts'

/** Logins that are remembered; the oldest goes first. */
const LOGINS_MAX = 1000
const COOKIE = 'millrace_login'
/** A token is shorter than this. */
const FORM_BYTES_MAX = 4096

/**
 * Lets in who knows the token: programs send it with every request; browsers send it once, by a form, and get
 * a cookie that stands for it and is worth nothing elsewhere.
 */
export class BrowserLogin {
  readonly #token: Buffer
  readonly #logins = new Set<string>()

  constructor(token: string) {
    this.#token = digest(token)
  }

  knows({ headers }: IncomingMessage): boolean {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return this.#isToken(bearer)
    const cookies = (headers.cookie ?? '').split(/;\s*/)
    const login = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))
    return login !== undefined && this.#logins.has(login.slice(COOKIE.length + 1))
  }

  /** The form was sent. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return this.showForm(response)
    const form = new URLSearchParams(await bodyOf(request))
    if (!this.#isToken(form.get('token') ?? '')) return this.showForm(response, 'That token is not right.')
    const login = randomBytes(24).toString('hex')
    this.#logins.add(login)
    const [oldest] = this.#logins
    if (this.#logins.size > LOGINS_MAX && oldest !== undefined) this.#logins.delete(oldest)
    response.writeHead(303, {
      location: '/',
      'set-cookie': `${COOKIE}=${login}; HttpOnly; SameSite=Strict; Path=/`,
    })
    response.end()
  }

  showForm(response: ServerResponse, note = ''): void {
    const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Millrace</title>
<h1>Millrace</h1>
<form method="post" action="/login">
<p>${note}</p>
<label>Token of the cluster <input type="password" name="token" autofocus></label>
<button>Log in</button>
</form>`
    response.writeHead(note === '' ? 401 : 403, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; form-action 'self'; base-uri 'none'",
    })
    response.end(page)
  }

  /** Compared by digest, in a time that tells nothing of the token. */
  #isToken(text: string): boolean {
    return timingSafeEqual(digest(text), this.#token)
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  request.setEncoding('utf8')
  for await (const piece of request) {
    text += piece
    if (text.length > FORM_BYTES_MAX) throw new EngineError('INVALID_ARGUMENT', 'the form is too large')
  }
  return text
}
