import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import { EngineError } from '../../engine/errors.ts'
import {
  bits,
  childrenOf,
  contentOf,
  element,
  integer,
  octets,
  oid,
  sequence,
  set,
  text,
  time,
  yes,
} from './der.ts'

/** A certificate and its private key, as PEM texts. */
export interface CertificatePair {
  readonly certificate: string
  readonly key: string
}

const DAY_MS = 86_400_000
/** Clocks of hosts differ a little. */
const CLOCK_SKEW_MS = 5 * 60_000

/** A certificate authority for one cluster. It signs certificates, and no other authorities. */
export function makeAuthority(name: string, days: number): CertificatePair {
  const keys = newKeys()
  const subject = nameOf(name)
  const extensions = [
    // An authority over leaves only.
    extension('2.5.29.19', true, sequence(yes(), integer(Buffer.from([0])))),
    extension('2.5.29.15', true, bits(Buffer.from([0x06]), 1)), // It signs certificates and lists of them.
    extension('2.5.29.14', false, octets(keyId(keys.publicKey))),
  ]
  const notAfter = new Date(Date.now() + days * DAY_MS)
  return sealed({ subject, issuer: subject, notAfter, keys, signingKey: keys.privateKey, extensions })
}

/**
 * A certificate for a server at these hosts (names or IP addresses), which also serves as that of a client.
 * It is valid as long as its authority at most. CONFIG_INVALID if the authority cannot be used.
 */
export function issueCertificate(
  authority: CertificatePair,
  name: string,
  hosts: readonly string[],
  days: number,
): CertificatePair {
  const { subject: issuer, publicKey, notAfter, signingKey } = readAuthority(authority)
  const keys = newKeys()
  const extensions = [
    ...leafExtensions(hosts, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
    extension('2.5.29.35', false, sequence(element(0x80, keyId(publicKey)))),
    extension('2.5.29.14', false, octets(keyId(keys.publicKey))),
  ]
  const wanted = Date.now() + days * DAY_MS
  const until = new Date(Math.min(wanted, notAfter.getTime()))
  return sealed({ subject: nameOf(name), issuer, notAfter: until, keys, signingKey, extensions })
}

/**
 * A certificate that a block service makes for itself when it starts. Its clients get it from the driver and
 * trust this one alone (`ClientTls.pinned`), so its name means nothing.
 */
export function makeOwnCertificate(days = 365): CertificatePair {
  const keys = newKeys()
  const subject = nameOf('millrace')
  const extensions = leafExtensions(['millrace'], ['1.3.6.1.5.5.7.3.1'])
  const notAfter = new Date(Date.now() + days * DAY_MS)
  return sealed({ subject, issuer: subject, notAfter, keys, signingKey: keys.privateKey, extensions })
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function newKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

interface Contents {
  readonly subject: Buffer
  readonly issuer: Buffer
  readonly notAfter: Date
  readonly keys: Keys
  readonly signingKey: KeyObject
  readonly extensions: readonly Buffer[]
}

/** The form of RFC 5280, section 4.1, signed by ECDSA with SHA-256. */
function sealed({ subject, issuer, notAfter, keys, signingKey, extensions }: Contents): CertificatePair {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const notBefore = new Date(Date.now() - CLOCK_SKEW_MS)
  const contents = sequence(
    element(0xa0, integer(Buffer.from([2]))), // Version 3.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions)),
  )
  const certificate = sequence(contents, algorithm, bits(sign('sha256', contents, signingKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  }
}

/** Organization and common name. */
function nameOf(commonName: string): Buffer {
  const part = (type: string, value: string) => set(sequence(oid(type), text(value)))
  return sequence(part('2.5.4.10', 'Millrace'), part('2.5.4.3', commonName))
}

function extension(type: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(type), ...(critical ? [yes()] : []), octets(value))
}

/** Of a certificate that is no authority: for what it may be used, and its names. */
function leafExtensions(hosts: readonly string[], purposes: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, bits(Buffer.from([0x80]), 7)), // Digital signatures.
    extension('2.5.29.37', false, sequence(...purposes.map(oid))),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...hosts.map(alternativeName)))]),
  ]
}

function alternativeName(host: string): Buffer {
  const family = isIP(host)
  if (family === 0) return element(0x82, Buffer.from(host, 'latin1'))
  return element(0x87, family === 4 ? Buffer.from(host.split('.').map(Number)) : bytesOfIPv6(host))
}

function bytesOfIPv6(host: string): Buffer {
  // URL writes any form of it in groups, with one `::` at most.
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::')
  const groupsOf = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const [front, back] = [groupsOf(head), groupsOf(tail)]
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** SHA-1 of the public key's bits, as RFC 5280 suggests; it names a key and protects nothing. */
function keyId(key: KeyObject): Buffer {
  const [, keyBits] = childrenOf(key.export({ type: 'spki', format: 'der' }))
  return createHash('sha1').update(contentOf(keyBits!).subarray(1)).digest()
}

/** What signing needs of an authority. */
function readAuthority({ certificate, key }: CertificatePair) {
  try {
    const parsed = new X509Certificate(certificate)
    const signingKey = createPrivateKey(key)
    const notAfter = new Date(parsed.validTo)
    if (!parsed.ca) throw new Error('the certificate is not that of an authority')
    if (!parsed.checkPrivateKey(signingKey)) throw new Error('the key is not that of the certificate')
    if (signingKey.asymmetricKeyType !== 'ec') throw new Error('its key is not one of an elliptic curve')
    if (notAfter.getTime() < Date.now()) throw new Error(`it was valid until ${parsed.validTo}`)
    // Version, serial number, algorithm, issuer, validity, subject.
    const [, , , , , subject] = childrenOf(childrenOf(parsed.raw)[0]!)
    return { subject: subject!, publicKey: parsed.publicKey, notAfter, signingKey }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('CONFIG_INVALID', `the certificate authority cannot be used: ${reason}`, {
      cause,
      hint: '"millrace certs init DIR" makes one: ca.pem and ca-key.pem.',
    })
  }
}
