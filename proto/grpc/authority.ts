import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who calls: someone of the cluster, who may do all, or an executor of one session. */
export type Principal =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'session'; readonly sessionId: string }

export interface Refusal {
  readonly kind: 'refused'
  readonly code: 'UNAUTHENTICATED' | 'PERMISSION_DENIED'
  readonly message: string
  readonly hint: string
}

/** What a caller showed. */
export interface Shown {
  /** Of `authorization: Bearer TOKEN`. */
  readonly token: string | null
  /** Whether it has a certificate of our certificate authority that is valid now. */
  readonly certificate: boolean
}

/** Decides for one server who may call what. */
export interface Authority {
  /** Anyone may call; such a server listens on loopback only. */
  readonly isOpen: boolean
  /** `method` is `Service/Method`, such as `Driver/Attach`. */
  authorize(method: string, shown: Shown): Principal | Refusal
}

/** Methods that the secret of a session opens. */
const SESSION_METHODS: ReadonlySet<string> = new Set(['Cluster/Execute', 'Blocks/Fetch'])

/**
 * For drivers and workers. The cluster's token or, with `certificates`, a certificate opens everything; with
 * neither, everyone may call. `sessionOf` tells whose session a token opens by `hashToken` of it.
 */
export function clusterAuthority(options: {
  readonly token: string | null
  readonly certificates: boolean
  readonly sessionOf?: (tokenHash: string) => string | null
}): Authority {
  const { token, certificates, sessionOf = () => null } = options
  const wanted = token === null ? null : hashToken(token)
  const isOpen = token === null && !certificates
  return {
    isOpen,
    authorize(method, shown) {
      if (shown.token !== null) {
        const hash = hashToken(shown.token)
        if (wanted !== null && isEqual(hash, wanted)) return { kind: 'cluster' }
        const sessionId = sessionOf(hash)
        if (sessionId !== null) return sessionMay(method, sessionId)
      }
      if ((certificates && shown.certificate) || isOpen) return { kind: 'cluster' }
      return refusal(shown, token !== null, certificates)
    },
  }
}

/** For an executor's own server: only the secret of its session opens it. */
export function sessionAuthority(sessionId: string, token: string): Authority {
  const wanted = hashToken(token)
  return {
    isOpen: false,
    authorize(method, shown) {
      if (shown.token !== null && isEqual(hashToken(shown.token), wanted))
        return sessionMay(method, sessionId)
      return refusal(shown, true, false)
    },
  }
}

/** SHA-256 of a token in hexadecimal: what may be kept and looked up instead of it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A new secret of 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
}

function sessionMay(method: string, sessionId: string): Principal | Refusal {
  if (SESSION_METHODS.has(method)) return { kind: 'session', sessionId }
  return {
    kind: 'refused',
    code: 'PERMISSION_DENIED',
    message: `the token of a session does not open "${method}"`,
    hint: 'Executors may only open their own stream and fetch blocks of their session.',
  }
}

function refusal(shown: Shown, byToken: boolean, byCertificate: boolean): Refusal {
  const ways = [...(byToken ? ['token'] : []), ...(byCertificate ? ['valid client certificate'] : [])]
  const wrong = byToken && shown.token !== null
  return {
    kind: 'refused',
    code: 'UNAUTHENTICATED',
    message: wrong ? 'the token is not the right one' : `the call shows no ${ways.join(' and no ')}`,
    hint: byToken
      ? 'Give the token of the cluster: --token-file FILE, or MILLRACE_TOKEN in the environment.'
      : 'Give a valid certificate of the cluster: --tls-certificate FILE --tls-key FILE --tls-ca FILE.',
  }
}
