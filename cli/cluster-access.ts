import { readFileSync } from 'node:fs'
import { EngineError } from '../engine/errors.ts'
import type { ClientSecurity, ServerTls } from '../proto/grpc/index.ts'
import type { Arguments } from './arguments.ts'
import { CLUSTER_OPTIONS } from './cluster-options.ts'
import type { Options } from './read-options.ts'

/** What a process of a cluster knows: texts of its secrets, and whom it trusts. */
export interface ClusterSecrets {
  readonly token: string | null
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/** Reads the files that the options name. CONFIG_INVALID if they do not go together. */
export function readSecrets(options: Options, firstLine: string | null): ClusterSecrets {
  const tokenFile = options.text('token-file')
  const variable = process.env['MILLRACE_TOKEN']
  const given = firstLine ?? (tokenFile === null ? variable : readText(tokenFile, 'token file'))
  const token = given === undefined || given.trim() === '' ? null : given.trim()
  if (tokenFile !== null && token === null)
    throw new EngineError('CONFIG_INVALID', `the token file "${tokenFile}" is empty`)
  if (token !== null && /[^\x21-\x7e]/.test(token))
    throw new EngineError('CONFIG_INVALID', 'the token has signs that are not printable ASCII, or spaces', {
      hint: 'A good one: openssl rand -hex 32',
    })
  const [ca, certificate, key] = ['tls-ca', 'tls-certificate', 'tls-key'].map((name) => {
    const path = options.text(name)
    return path === null ? null : readText(path, `file of --${name}`)
  })
  if ((certificate === null) !== (key === null))
    throw new EngineError('CONFIG_INVALID', 'a certificate and its key are given together or not at all', {
      hint: 'Give both --tls-certificate and --tls-key.',
    })
  return { token, ca: ca ?? null, certificate: certificate ?? null, key: key ?? null }
}

/** The driver's side. With an authority, its certificates open the driver. */
export function serverTls({ ca, certificate, key }: ClusterSecrets): ServerTls | null {
  if (certificate !== null && key !== null) return { certificate, key, clientCa: ca }
  if (ca === null) return null
  throw new EngineError('CONFIG_INVALID', 'a driver with --tls-ca needs a certificate of its own', {
    hint: 'Give --tls-certificate and --tls-key; "millrace certs" makes them.',
  })
}

/** The side of who calls a driver. */
export function clientSecurity({ token, ca, certificate, key }: ClusterSecrets): ClientSecurity {
  return { token, tls: ca === null && certificate === null ? null : { ca, certificate, key } }
}

const MASTER = /^millrace:\/\//

/** `host:port` of the driver, also written as a master; a master that is no cluster counts for nothing. */
export function driverAddress(options: Options): string {
  const master = options.text('master')
  const driver = options.text('driver')!
  const isDefault = CLUSTER_OPTIONS.some((option) => option.name === 'driver' && option.default === driver)
  return (isDefault && master !== null && MASTER.test(master) ? master : driver).replace(MASTER, '')
}

export interface StandardInput {
  readonly firstLine: string | null
  readonly ended: Promise<void>
  /** Before this the process cannot end, while somebody holds the other end. */
  close(): void
}

/**
 * With `--token-stdin`: the first line of standard input, and when that ends. Whoever starts the process
 * holds the other end, so that it does not outlive them.
 */
export async function readStandardInput(args: Arguments): Promise<StandardInput> {
  if (!args.has('token-stdin')) return { firstLine: null, ended: new Promise(() => {}), close: () => {} }
  const input = process.stdin.setEncoding('utf8')
  const ended = new Promise<void>((resolve) => {
    input.once('end', resolve)
    input.once('close', resolve)
  })
  const line = new Promise<string>((resolve) => {
    let text = ''
    input.on('data', (piece: string) => {
      // What comes after the first line is read and dropped, so that the end is seen.
      if (!text.includes('\n')) text += piece
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
  const firstLine = await Promise.race([line, ended.then(() => '')])
  if (firstLine === '') throw new EngineError('CONFIG_INVALID', 'standard input has no line with the token')
  return { firstLine, ended, close: () => input.destroy() }
}

/** Resolves when the process is asked to end, by SIGTERM or SIGINT. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EngineError('FILE_NOT_FOUND', `cannot read the ${what} "${path}"`, { cause })
  }
}
