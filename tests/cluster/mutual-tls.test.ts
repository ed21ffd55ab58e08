import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
/** No token of the surroundings may let anyone in. */
const { MILLRACE_TOKEN: _token, ...env } = process.env
const started: ChildProcess[] = []
let address: string

beforeAll(async () => {
  for (const [action, ...args] of [
    ['init', folder],
    ['issue', folder, 'driver', '--host', '127.0.0.1'],
    ['issue', folder, 'worker'],
    ['issue', folder, 'alice'],
    ['init', join(folder, 'other')],
    ['issue', join(folder, 'other'), 'mallory'],
  ] as const)
    expect(run('certs', action, ...args).code).toBe(0)
  address = await start(/listens on (\S+)/, 'driver', '--listen', '127.0.0.1:0', ...tls('driver'))
  const worker = ['worker', '--driver', address, '--threads', '1', '--memory', '256m', ...tls('worker')]
  for (const name of ['w1', 'w2'])
    await start(/registered with the driver/, ...worker, '--local-dir', join(folder, name))
})

afterAll(async () => {
  for (const child of started.reverse()) {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

function tls(name: string, place = folder): readonly string[] {
  const file = (ending: string) => join(place, `${name}${ending}`)
  return [
    '--tls-ca',
    join(folder, 'ca.pem'),
    '--tls-certificate',
    file('.pem'),
    '--tls-key',
    file('-key.pem'),
  ]
}

/** Starts a process of the cluster; gives what a line of it says. */
async function start(line: RegExp, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  return await new Promise((resolve, reject) => {
    const hear = (text: string) => {
      output += text
      const match = line.exec(output)
      if (match !== null) resolve(match[1] ?? '')
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${output}`)))
  })
}

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, stdout, stderr }
}

test('a query shuffles between workers whose every connection is TLS, without any token', () => {
  const query = 'SELECT id % 3 AS k, count(*) AS n FROM range(0, 30000, 1, 4) GROUP BY 1 ORDER BY 1'
  const place = ['--master', `millrace://${address}`, '--format', 'csv']
  const answer = run('sql', ...place, ...tls('alice'), query)
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  expect(answer.stdout).toBe('k,n\n0,10000\n1,10000\n2,10000\n')
})

const REFUSED: readonly (readonly [string, readonly string[], string])[] = [
  ['no certificate', ['--tls-ca', join(folder, 'ca.pem')], 'UNAUTHENTICATED'],
  ['a certificate of another authority', tls('mallory', join(folder, 'other')), 'UNAUTHENTICATED'],
  ['no TLS', [], 'CLUSTER_UNREACHABLE'],
]

test.each(REFUSED)('a caller with %s is refused, and hears why', (_name, flags, code) => {
  const answer = run('status', '--driver', address, ...flags)
  expect(answer.code).toBe(1)
  expect(answer.stderr).toContain(code)
  expect(run('status', '--driver', address, ...tls('alice')).stdout).toContain('2 workers')
})
