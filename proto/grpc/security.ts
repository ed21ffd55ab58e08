import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls'
import { type ChannelCredentials, credentials, experimental, ServerCredentials } from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'

/** TLS of one server. PEM texts. */
export interface ServerTls {
  readonly certificate: string
  readonly key: string
  /** Clients may show certificates of this authority; null: they are not asked. */
  readonly clientCa: string | null
}

/** TLS towards servers. PEM texts. */
export interface ClientTls {
  /** Who signed the server's certificate; null: one of the authorities that Node knows. */
  readonly ca: string | null
  /** Own certificate, for servers that ask for one. */
  readonly certificate: string | null
  readonly key: string | null
  /**
   * `ca` is the very certificate that the server must have, whatever its name: that of a block service, which
   * makes its own when it starts.
   */
  readonly pinned?: boolean
}

/** What a caller shows, and whom it trusts. */
export interface ClientSecurity {
  readonly token: string | null
  /** Null: plain text. */
  readonly tls: ClientTls | null
}

/** Of callers of an open server on the same host. */
export const NO_SECURITY: ClientSecurity = { token: null, tls: null }

/** For grpc-js. CONFIG_INVALID if a text is no certificate or key, or they do not belong together. */
export function serverCredentials(tls: ServerTls | null): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure()
  const { certificate, key, clientCa } = tls
  secureContextOf(certificate, key, clientCa)
  const identity = { certificate: Buffer.from(certificate), privateKey: Buffer.from(key) }
  const authority = clientCa === null ? null : { caCertificate: Buffer.from(clientCa) }
  // Listeners are told a moment later: grpc-js has not noted its server yet when it adds one.
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) => queueMicrotask(() => listener(authority)),
    removeCaCertificateListener: () => {},
    addIdentityCertificateListener: (listener) => queueMicrotask(() => listener(identity)),
    removeIdentityCertificateListener: () => {},
  }
  // The last argument lets clients in without a valid certificate: they may have a token. The server's
  // Authority decides, and its refusal is an error that one can read, which a broken handshake is not.
  const clients = authority === null ? null : provider
  return experimental.createCertificateProviderServerCredentials(provider, clients, false)
}

/** Credentials for one server and the name under which its certificate is checked. */
export interface ChannelSecurity {
  readonly credentials: ChannelCredentials
  readonly nameOverride: string | null
}

/** What `tls.connect` is told. */
export interface TlsCheck {
  readonly secureContext: SecureContext
  /** The name that is sent to the server. */
  readonly servername: string
  readonly checkServerIdentity: (name: string, certificate: PeerCertificate) => Error | undefined
}

/** Trust in a server at a host; errors as `serverCredentials`. */
export function tlsCheckOf(tls: ClientTls, host: string): TlsCheck {
  const secureContext = secureContextOf(tls.certificate, tls.key, tls.ca)
  const pin = tls.pinned === true && tls.ca !== null ? new X509Certificate(tls.ca).raw : null
  return {
    secureContext,
    // A host that is an IP address must not be sent as the server's name (RFC 6066); Node would warn of it.
    servername: pin !== null || isIP(host) !== 0 ? 'millrace' : host,
    checkServerIdentity: (_name, certificate) => {
      if (pin === null) return checkServerIdentity(host, certificate)
      return pin.equals(certificate.raw) ? undefined : new Error('not the certificate of this server')
    },
  }
}

/** For grpc-js. */
export function channelSecurity(check: TlsCheck | null): ChannelSecurity {
  if (check === null) return { credentials: credentials.createInsecure(), nameOverride: null }
  const { secureContext, servername, checkServerIdentity: verify } = check
  return {
    credentials: credentials.createFromSecureContext(secureContext, { checkServerIdentity: verify }),
    nameOverride: servername,
  }
}

function secureContextOf(certificate: string | null, key: string | null, ca: string | null): SecureContext {
  if ((certificate === null) !== (key === null))
    throw new EngineError('CONFIG_INVALID', 'a certificate and its key go together, and one is missing')
  try {
    return createSecureContext({
      cert: certificate ?? undefined,
      key: key ?? undefined,
      ca: ca ?? undefined,
      minVersion: 'TLSv1.2',
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('CONFIG_INVALID', `certificate, key or authority cannot be used: ${reason}`, {
      cause,
      hint: 'They are PEM texts, and the key is that of the certificate. "millrace certs" makes them.',
    })
  }
}
