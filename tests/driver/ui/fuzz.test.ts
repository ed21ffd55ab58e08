import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClusterHistory, serveUi, type UiServer } from '../../../driver/ui/index.ts'
import { randomOf } from '../../proto/messages/random-plain.ts'
import { sampleRecords } from './sample-records.ts'

const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 3000 : 300
const PATHS = [
  '/',
  '//',
  '/api/v1/jobs',
  '/api/v1/jobs/%E0%A4%A',
  '/api/v1/jobs/s-1%2F1',
  '/../../etc/passwd',
  '/metrics',
]
const MORE = [
  '',
  '?limit=-1',
  '?limit=1e999',
  '?offset=x&limit=%',
  '/%',
  '/..',
  '#x',
  '//',
  '?',
  '\u00ff',
  ' ',
  '/__proto__',
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get', '']
const HEADERS = [
  'Authorization: Bearer secret',
  'Authorization: Basic x',
  'Cookie: millrace=x; =;',
  'Content-Length: 5',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Upgrade: h2c',
  'X: \u0000',
  'Accept: text/html',
]

const servers: UiServer[] = []

beforeAll(async () => {
  for (const token of [null, 'secret']) {
    const history = new ClusterHistory(
      () => 0,
      () => ({ workers: new Map(), executors: new Map(), storage: [], programs: [] }),
    )
    for (const record of sampleRecords()) history.add(record)
    servers.push(await serveUi({ host: '127.0.0.1', port: 0, history, token, tls: null }))
  }
})

afterAll(async () => {
  for (const server of servers) await server.close()
})

test('the page outlives requests that make no sense, and none of them is an error of its own', async () => {
  const first = Math.floor(Math.random() * 2 ** 31)
  for (let round = 0; round < ROUNDS; round++) {
    const seed = (first + round) >>> 0
    const random = randomOf(seed)
    const answer = await throwAt(Number(new URL(servers[round % 2]!.url).port), randomRequest(random))
    expect(answer, `seed ${seed}`).not.toMatch(/^HTTP\/1\.1 5/)
    if (round % 20 !== 19) continue
    expect((await fetch(`${servers[0]!.url}/metrics`)).status, `seed ${seed}`).toBe(200)
    expect((await fetch(`${servers[1]!.url}/metrics`)).status, `seed ${seed}`).toBe(401)
  }
})

function randomRequest(random: () => number): Buffer {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]!
  if (random() < 0.1)
    return Buffer.from(Array.from({ length: random() * 300 }, () => Math.floor(random() * 256)))
  const headers = Array.from({ length: random() * 4 }, () => pick(HEADERS))
  const target = pick(PATHS) + (random() < 0.6 ? pick(MORE) : '')
  const head = [
    `${pick(METHODS)} ${target} HTTP/1.1`,
    ...(random() < 0.8 ? ['Host: driver'] : []),
    ...headers,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${random() < 0.3 ? 'token=x&%' : ''}`, 'latin1')
}

/** What the server answers at once. */
async function throwAt(port: number, bytes: Buffer): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  let answer = ''
  await new Promise<void>((resolve) => {
    socket.setTimeout(100, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', (part) => {
      answer += part.toString('latin1')
      socket.setTimeout(5)
    })
    socket.once('close', () => resolve())
    socket.write(bytes)
  })
  return answer
}
