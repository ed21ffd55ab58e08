import { readFileSync } from 'node:fs'
import { EngineError } from '../../engine/errors.ts'
import type { ClientSecurity } from '../../proto/grpc/index.ts'
import { setting } from './environment.ts'

/** What a session shows to a driver, and whom it trusts. */
export interface ClusterAccess {
  /** The cluster's token. */
  readonly token?: string | undefined
  /** A file with the token, which nobody else can read. */
  readonly tokenFile?: string | undefined
  /**
   * PEM file of the authority that signed the driver's certificate; with it, or a certificate, TLS is used.
   */
  readonly tlsCa?: string | undefined
  /** PEM files of the program's own certificate and key. */
  readonly tlsCertificate?: string | undefined
  readonly tlsKey?: string | undefined
}

/** What is given, else what the environment says. */
export function clusterAccess(given: ClusterAccess): ClusterAccess {
  return {
    token: given.token ?? (given.tokenFile === undefined ? setting('TOKEN') : undefined),
    tokenFile: given.tokenFile ?? setting('TOKEN_FILE'),
    tlsCa: given.tlsCa ?? setting('TLS_CA'),
    tlsCertificate: given.tlsCertificate ?? setting('TLS_CERTIFICATE'),
    tlsKey: given.tlsKey ?? setting('TLS_KEY'),
  }
}

/** Reads the files. FILE_NOT_FOUND names one that cannot be read. */
export function clusterSecurity(access: ClusterAccess): ClientSecurity {
  const { tokenFile, tlsCa, tlsCertificate, tlsKey } = access
  const token = access.token ?? (tokenFile === undefined ? null : textOf(tokenFile, 'token file').trim())
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    throw new EngineError('CONFIG_INVALID', 'a certificate and its key are given together or not at all')
  if (tlsCa === undefined && tlsCertificate === undefined) return { token, tls: null }
  const tls = {
    ca: tlsCa === undefined ? null : textOf(tlsCa, 'certificate authority'),
    certificate: tlsCertificate === undefined ? null : textOf(tlsCertificate, 'certificate'),
    key: tlsKey === undefined ? null : textOf(tlsKey, 'key'),
  }
  return { token, tls }
}

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EngineError('FILE_NOT_FOUND', `cannot read the ${what} "${path}"`, { cause })
  }
}
