import { EngineError } from '../../engine/errors.ts'

/** What an executor is started with: one line of JSON on its standard input, as it holds a secret. */
export interface ExecutorConfig {
  readonly executorId: string
  readonly sessionId: string
  /** `host:port` of the driver. */
  readonly driver: string
  /** Secret of the session. */
  readonly token: string
  /** PEM of the authority that signed the driver's certificate, if it is not a known one; null: no TLS. */
  readonly driverTls: { readonly ca: string | null } | null
  readonly threads: number
  /** Most bytes for rows, as of a session in local mode. */
  readonly memoryBytes: number
  /** Folder of the session: spilled rows and outputs on disk. */
  readonly localDir: string
  /** Where its blocks are served; the port is a free one. */
  readonly listenHost: string
  readonly heartbeatMs: number
  /** Settings of the session. */
  readonly settings: Readonly<Record<string, string>>
}

/** CONFIG_INVALID for a line that is no configuration; it never repeats the line. */
export function parseExecutorConfig(line: string): ExecutorConfig {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw invalid('is not JSON')
  }
  if (typeof value !== 'object' || value === null) throw invalid('is no object')
  // Each member is checked below.
  const given = value as Readonly<Record<string, unknown>>
  const text = (name: string): string => {
    const member = given[name]
    if (typeof member !== 'string') throw invalid(`has no text "${name}"`)
    return member
  }
  const count = (name: string): number => {
    const member = given[name]
    if (typeof member !== 'number' || !(member >= 1)) throw invalid(`has no number "${name}"`)
    return member
  }
  const settings = given['settings']
  return {
    executorId: text('executorId'),
    sessionId: text('sessionId'),
    driver: text('driver'),
    token: text('token'),
    driverTls: tlsOf(given['driverTls']),
    threads: count('threads'),
    memoryBytes: count('memoryBytes'),
    localDir: text('localDir'),
    listenHost: text('listenHost'),
    heartbeatMs: count('heartbeatMs'),
    settings: typeof settings === 'object' && settings !== null ? textsOf(settings) : {},
  }
}

function tlsOf(given: unknown): ExecutorConfig['driverTls'] {
  if (given === null) return null
  if (typeof given !== 'object') throw invalid('has no object "driverTls"')
  const ca: unknown = Reflect.get(given, 'ca')
  return { ca: typeof ca === 'string' ? ca : null }
}

function textsOf(settings: object): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
}

function invalid(reason: string): EngineError {
  return new EngineError('CONFIG_INVALID', `the configuration of an executor ${reason}`)
}
