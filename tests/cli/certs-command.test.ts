import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { millrace, testFolder } from './run-cli.ts'

const folder = testFolder()
const certs = (...args: readonly string[]) => millrace(folder.path, ['certs', ...args])

test('init makes an authority, issue what it signs, in files that only their owner reads', async () => {
  const made = await certs('init', 'c', '--days', '20')
  expect([made.code, made.stdout]).toEqual([0, 'c/ca.pem\nc/ca-key.pem\n'])
  const issued = await certs(
    'issue',
    'c',
    'worker-1',
    '--host',
    'w1,10.0.0.1',
    '--host',
    '::1',
    '--days',
    '5',
  )
  expect([issued.code, issued.stdout]).toEqual([0, 'c/worker-1.pem\nc/worker-1-key.pem\n'])
  const read = (file: string) => new X509Certificate(readFileSync(join(folder.path, 'c', file)))
  const [authority, worker] = [read('ca.pem'), read('worker-1.pem')]
  expect(worker.verify(authority.publicKey)).toBe(true)
  expect(worker.subjectAltName).toBe('DNS:w1, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  for (const file of ['ca.pem', 'ca-key.pem', 'worker-1.pem', 'worker-1-key.pem'])
    expect(statSync(join(folder.path, 'c', file)).mode & 0o777, file).toBe(0o600)
  expect(statSync(join(folder.path, 'c')).mode & 0o777).toBe(0o700)
})

const WRONG: readonly (readonly [string, readonly string[], code: number, message: string])[] = [
  ['no action', [], 2, 'certs takes "init DIR" or "issue DIR NAME"'],
  ['an unknown action', ['make', 'd'], 2, 'certs takes "init DIR" or "issue DIR NAME"'],
  ['no name', ['issue', 'c'], 2, 'certs takes "init DIR" or "issue DIR NAME"'],
  ['days that are none', ['init', 'd', '--days', 'ten'], 2, '"ten" is not a number of days'],
  ['no days at all', ['init', 'd', '--days', '0'], 2, '"0" is not a number of days'],
  ['a host for an authority', ['init', 'd', '--host', 'h'], 2, 'an authority has no --host'],
  ['a path as a name', ['issue', 'c', '../x'], 2, '"../x" cannot be the name of a certificate'],
  ['the name of the authority', ['issue', 'c', 'ca'], 2, '"ca" cannot be the name of a certificate'],
  ['a host with a port', ['issue', 'c', 'w', '--host', 'a:80'], 2, '"a:80" is not a host'],
  ['a folder without an authority', ['issue', 'nowhere', 'w'], 1, 'cannot read "nowhere/ca.pem"'],
  ['an authority that is there', ['init', 'c'], 1, 'file "c/ca.pem" exists'],
  ['a certificate that is there', ['issue', 'c', 'worker-1'], 1, 'file "c/worker-1.pem" exists'],
]

test.each(WRONG)('certs refuses %s', async (_name, args, code, message) => {
  const run = await certs(...args)
  expect(run.stderr).toContain(message)
  expect(run.code).toBe(code)
})
