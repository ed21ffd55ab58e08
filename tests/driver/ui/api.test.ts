import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ClusterHistory,
  type Gauges,
  type JobDetail,
  openApi,
  serveUi,
  type UiServer,
} from '../../../driver/ui/index.ts'
import { endRecords, LABEL, sampleRecords } from './sample-records.ts'

const gauges: Gauges = {
  workers: new Map([['w-1', { rssBytes: 1e8, load: 0.5, diskUsedBytes: 0, lastSeenMs: 1_700_000_000_500 }]]),
  executors: new Map([['w-1/s-1/0', { usedBytes: 1000, rssBytes: 2e8, spilledBytes: 0 }]]),
  storage: [{ sessionId: 's-1', key: 'sales', partitions: 1, partitionCount: 2, bytes: 10 }],
  programs: [
    {
      programId: 'p-1',
      name: 'job.ts',
      state: 'running',
      submittedMs: 1,
      endedMs: null,
      starts: 1,
      exitCode: null,
    },
  ],
}

let history: ClusterHistory
let server: UiServer | null = null
beforeEach(() => {
  history = new ClusterHistory(
    () => 1_700_000_000_600,
    () => gauges,
  )
  for (const record of sampleRecords()) history.add(record)
})
afterEach(async () => {
  await server?.close()
  server = null
})

async function serve(token: string | null = null): Promise<string> {
  server = await serveUi({ host: '127.0.0.1', port: 0, history, token, tls: null })
  return server.url
}

const JOB = `/api/v1/jobs/${encodeURIComponent('s-1/1')}`

describe('the REST API', () => {
  test('docs/openapi.json is what the routes say', () => {
    const file = join(import.meta.dirname, '../../../docs/openapi.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())))
  })

  test.each([
    ['/status', 'ClusterStatus'],
    ['/workers', 'Worker'],
    ['/executors', 'Executor'],
    ['/jobs', 'Job'],
    [JOB.slice(7), 'JobDetail'],
    [`${JOB.slice(7)}/stages/0/tasks`, 'Task'],
    ['/storage', 'Storage'],
    ['/programs', 'Program'],
  ])('%s answers as its schema says', async (path, name) => {
    const url = await serve()
    const response = await fetch(`${url}/api/v1${path}`)
    expect(response.status).toBe(200)
    const body: unknown = await response.json()
    for (const one of Array.isArray(body) ? body : [body])
      expect(faultsOf(one, { $ref: `#/components/schemas/${name}` }, '$')).toEqual([])
    if (Array.isArray(body)) expect(body.length).toBeGreaterThan(0)
  })

  test('a job tells its stages, what ran, and rows and times of operators', async () => {
    const url = await serve()
    const job = (await (await fetch(url + JOB)).json()) as JobDetail
    expect(job).toMatchObject({
      label: LABEL,
      state: 'running',
      tasksDone: 2,
      tasksFailed: 1,
      tasksRunning: 1,
      taskCount: 5,
      stagesDone: 1,
      stages: [
        {
          state: 'done',
          outputRows: 200,
          operators: [
            { kind: 'HashAggregateExec', rows: 17, ms: 15, selfMs: 6 },
            { kind: 'ScanExec', depth: 1, rows: 1500, ms: 9, selfMs: 9 },
          ],
        },
        { state: 'running', tasksRunning: 1 },
        { state: 'waiting' },
      ],
    })
    expect(job.notes[0]!.text).toContain('runs again in 100 ms')
    for (const record of endRecords) history.add(record)
    const ended = await (await fetch(url + JOB)).json()
    expect(ended).toMatchObject({ state: 'failed', error: 'CAST_INVALID_INPUT: no number', tasksRunning: 0 })
  })

  test.each([
    ['/api/v1/nothing', 404, 'there is no'],
    ['/api/v1/jobs/s-9%2F9', 404, 'there is no'],
    ['/api/v1/jobs?limit=x', 400, '"limit" must be a whole number'],
    ['/api/v1/jobs?limit=-1', 400, '"limit" must be a whole number'],
    [`${JOB}/stages/x/tasks`, 400, '"stage" must be a whole number'],
    [`${JOB}/stages/99/tasks`, 404, 'there is no'],
    ['/api/v1/jobs/%E0%A4%A', 400, 'is not an encoded part'],
    ['/../package.json', 404, 'there is no'],
    ['/page/page.ts', 404, 'there is no'],
  ])('%s is answered %i', async (path, status, message) => {
    const url = await serve()
    const response = await fetch(url + path)
    expect(response.status).toBe(status)
    expect(((await response.json()) as { error: string }).error).toContain(message)
  })

  test('it only reads', async () => {
    const url = await serve()
    expect((await fetch(`${url}/api/v1/jobs`, { method: 'DELETE' })).status).toBe(405)
  })

  test('without the token nothing is told, by any address', async () => {
    const url = await serve('secret-token')
    for (const path of ['/', '/api/v1/jobs', '/metrics', '/openapi.json', '/page.js']) {
      const response = await fetch(url + path)
      expect(response.status, path).toBe(401)
      expect(await response.text()).not.toContain('s-1')
    }
    const wrong = await fetch(`${url}/api/v1/jobs`, { headers: { authorization: 'Bearer wrong' } })
    expect(wrong.status).toBe(401)
    const right = await fetch(`${url}/api/v1/jobs`, { headers: { authorization: 'Bearer secret-token' } })
    expect(right.status).toBe(200)
  })

  test('a browser sends the token once and gets a cookie that is not the token', async () => {
    const url = await serve('secret-token')
    const form = (token: string): RequestInit => ({
      method: 'POST',
      body: new URLSearchParams({ token }),
      redirect: 'manual',
    })
    expect((await fetch(`${url}/login`, form('wrong'))).status).toBe(403)
    const login = await fetch(`${url}/login`, form('secret-token'))
    expect(login.status).toBe(303)
    const cookie = login.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect(cookie).not.toContain('secret-token')
    const page = await fetch(url, { headers: { cookie: cookie.split(';')[0]! } })
    expect(page.status).toBe(200)
  })

  test('metrics are in the format of Prometheus', async () => {
    const url = await serve()
    const response = await fetch(`${url}/metrics`)
    expect(response.headers.get('content-type')).toContain('version=0.0.4')
    const text = await response.text()
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) millrace_\w+ .+|millrace_\w+(\{(\w+="[^"]*",?)+\})? [\d.e+]+)$/)
    expect(text).toContain('millrace_tasks_done_total 2\n')
    expect(text).toContain('millrace_executor_memory_used_bytes{executor="w-1/s-1/0"} 1000\n')
  })
})

describe('the history', () => {
  test('is bounded: old jobs that ended go, those that run stay', async () => {
    await serve()
    for (let i = 2; i < 1200; i++)
      for (const record of [sampleRecords()[5]!, endRecords[1]!])
        history.add({ ...record, jobId: `s-1/${i}` } as typeof record)
    expect(history.jobs({ limit: 2000, offset: 0 }).length).toBeLessThanOrEqual(501)
    expect(history.job('s-1/1')?.state).toBe('running')
    expect(history.job('s-1/2')).toBeUndefined()
  })
})

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema
  readonly $ref?: string
}

/** Where a value departs from a schema of the document; only what our schemas use. */
function faultsOf(value: unknown, given: Schema, path: string): string[] {
  const document = openApi() as { components: { schemas: Record<string, Schema> } }
  const ref = given.$ref
  const schema = ref === undefined ? given : document.components.schemas[ref.split('/').at(-1)!]!
  const wanted = ([] as string[]).concat(schema.type ?? [])
  const kind =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : Number.isInteger(value)
          ? 'integer'
          : typeof value
  if (!wanted.includes(kind) && !(kind === 'integer' && wanted.includes('number')))
    return [`${path} is ${kind}, not ${wanted.join(' or ')}`]
  const choice = schema.enum
  if (choice !== undefined && !choice.includes(value as string)) return [`${path} is ${String(value)}`]
  if (kind === 'array')
    return (value as unknown[]).flatMap((each, i) => faultsOf(each, schema.items!, `${path}[${i}]`))
  if (kind !== 'object') return []
  const { properties } = schema
  const record = value as Record<string, unknown>
  if (properties === undefined)
    return Object.entries(record).flatMap(([key, each]) =>
      faultsOf(each, schema.additionalProperties!, `${path}.${key}`),
    )
  const missing = (schema.required ?? []).filter((key) => !(key in record))
  const unknown = Object.keys(record).filter((key) => !(key in properties))
  return [
    ...missing.map((key) => `${path}.${key} is missing`),
    ...unknown.map((key) => `${path}.${key} is not in the schema`),
    ...Object.entries(record).flatMap(([key, each]) =>
      properties[key] === undefined ? [] : faultsOf(each, properties[key], `${path}.${key}`),
    ),
  ]
}
