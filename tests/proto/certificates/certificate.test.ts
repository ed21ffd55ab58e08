import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueCertificate, makeAuthority, makeOwnCertificate } from '../../../proto/certificates/index.ts'

const authority = makeAuthority('the cluster — größer', 3650)

test('makeAuthority() gives one that has signed itself', () => {
  const certificate = new X509Certificate(authority.certificate)
  expect(certificate.ca).toBe(true)
  expect(certificate.subject).toBe('O=Millrace\nCN=the cluster — größer')
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.checkIssued(certificate)).toBe(true)
})

test('issueCertificate() gives names, addresses and time that were asked for', () => {
  const hosts = ['worker-1', '*.example.com', '10.0.0.7', '::1', '2001:db8::5:0:1', '::ffff:1.2.3.4']
  const pair = issueCertificate(authority, 'worker', hosts, 30)
  const certificate = new X509Certificate(pair.certificate)
  const issuer = new X509Certificate(authority.certificate)
  expect(certificate.ca).toBe(false)
  expect(certificate.checkIssued(issuer)).toBe(true)
  expect(certificate.verify(issuer.publicKey)).toBe(true)
  expect(certificate.subjectAltName?.split(', ')).toEqual([
    'DNS:worker-1',
    'DNS:*.example.com',
    'IP Address:10.0.0.7',
    'IP Address:0:0:0:0:0:0:0:1',
    'IP Address:2001:DB8:0:0:0:5:0:1',
    'IP Address:0:0:0:0:0:FFFF:102:304',
  ])
  expect(certificate.checkHost('a.example.com')).toBe('*.example.com')
  expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7')
  const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(29.9)
  expect(days).toBeLessThanOrEqual(30)
})

test('issueCertificate() gives nothing that outlives the authority', () => {
  const short = makeAuthority('short', 2)
  const certificate = new X509Certificate(issueCertificate(short, 'w', [], 365).certificate)
  expect(certificate.validTo).toBe(new X509Certificate(short.certificate).validTo)
})

test('times beyond 2049 have four digits of the year', () => {
  const certificate = new X509Certificate(makeAuthority('long', 365 * 40).certificate)
  expect(new Date(certificate.validTo).getTime() - Date.now()).toBeGreaterThan(365 * 39 * 86_400_000)
})

test('serial numbers and keys differ', () => {
  const [a, b] = [makeOwnCertificate(), makeOwnCertificate()]
  expect(new X509Certificate(a.certificate).serialNumber).not.toBe(
    new X509Certificate(b.certificate).serialNumber,
  )
  expect(a.key).not.toBe(b.key)
})

const leaf = issueCertificate(authority, 'w', [], 5)
const expired = makeAuthority('expired', -1)

test.each([
  ['a leaf', leaf, 'not that of an authority'],
  ['an authority with the key of another', { ...authority, key: leaf.key }, 'the key is not that of'],
  ['an authority that has expired', expired, 'it was valid until'],
  ['texts that are none', { certificate: 'x', key: 'y' }, 'cannot be used'],
])('issueCertificate() refuses %s', (_name, pair, message) => {
  expect(() => issueCertificate(pair, 'w', [], 5)).toThrow(message)
})
