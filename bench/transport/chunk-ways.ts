/** How chunks travel from one process to another over loopback. */
export const WAYS = {
  'HTTP/2': { http2: true, tls: false, reuse: false },
  'own connection': { http2: false, tls: false, reuse: false },
  'own connection, same memory': { http2: false, tls: false, reuse: true },
  'HTTP/2, TLS': { http2: true, tls: true, reuse: false },
  'own connection, same memory, TLS': { http2: false, tls: true, reuse: true },
} as const

export type WayName = keyof typeof WAYS

/** What the sender says first. */
export interface SenderReady {
  readonly plain: string
  readonly tls: string
  /** Of the server at `tls`. */
  readonly certificate: string
}

export const CHUNK_BYTES: number = 2 ** 20
export const TOKEN = 'secret-of-the-bench'
