import { createInterface } from 'node:readline'
import { Session } from '../../driver/session.ts'
import { valueReader } from '../../engine/batch/index.ts'
import { formatValue } from '../../engine/functions/index.ts'
import type { DataType, Value } from '../../engine/types/index.ts'
import type { WayName } from '../transport/chunk-ways.ts'
import type { EngineConfig, EngineReply, EngineRequest } from './engine-process.ts'
import { numbers, wordCount } from './millrace-rdds.ts'
import { TaskSessions } from './millrace-tasks.ts'
import { millraceVersion } from './millrace-version.ts'

type Untimed = Omit<EngineReply, 'seconds'> & Partial<Pick<EngineReply, 'seconds'>>

/** What is timed; it gives what is not: the answer as text, for comparison. */
type Handler = (request: EngineRequest) => Promise<() => Promise<Untimed>>

const config = JSON.parse(process.argv[2]!) as EngineConfig
const session = new Session({
  master: config.master ?? `local[${config.threads}]`,
  timeZone: 'UTC',
  ...(config.memory === undefined ? {} : { memory: config.memory }),
})
const trivial = new TaskSessions(session, config.threads)
const handlers: Readonly<Record<string, Handler>> = {
  query,
  keep,
  first,
  write,
  wordCount: (request) => wordCount(session, request),
  numbers: (request) => numbers(session, request),
  // Rows lie ready in another process before the time counts.
  moveRows: async ({ bytes, compress }) => {
    const { moveRows } = await import('../shuffle/move-rows.ts')
    const { rows, seconds, details } = await moveRows(
      Number(bytes),
      compress === null ? null : compress === true,
    )
    return async () => ({ count: rows, seconds, details })
  },
  lostWorker: async ({ loses }) => {
    const { lostWorker } = await import('./lost-worker.ts')
    const { seconds, rows } = await lostWorker(loses === true)
    return async () => ({ count: rows, seconds })
  },
  tasks: (request) => trivial.tasks(request),
  jobs: (request) => trivial.jobs(request),
  moveChunks: async ({ name, bytes }) => {
    const { moveChunks } = await import('../transport/move-chunks.ts')
    // The names of the suite's work are those of ways.
    const { chunks, seconds, details } = await moveChunks(Number(bytes), name as WayName)
    return async () => ({ count: chunks, seconds, details })
  },
  // A kernel times itself, without what is laid out before.
  kernel: async ({ name }) => {
    const { runKernel } = await import('../micro/run-kernel.ts')
    const measured = await runKernel(name)
    return async () => ({ count: 1, ...measured })
  },
}

for (const [name, path] of Object.entries(config.tables)) await session.registerPath(name, path)
await session.warmUp()
say({ version: millraceVersion() })
for await (const line of createInterface({ input: process.stdin }))
  say(await answer(JSON.parse(line) as EngineRequest))
await trivial.stop()
await session.stop()

function say(reply: object): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

async function answer(request: EngineRequest): Promise<object> {
  try {
    const handler = handlers[request.op]
    if (handler === undefined) throw new Error(`millrace does not know "${request.op}"`)
    const start = performance.now()
    const finish = await handler(request)
    const seconds = (performance.now() - start) / 1000
    return { seconds, ...(await finish()) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** Rows as values of the program, as the peers give values of theirs. */
async function query({ sql }: EngineRequest): ReturnType<Handler> {
  const { types, rows, bytesRead } = await fetchRows(String(sql))
  const settings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 0 }
  return async () => ({
    count: rows.length,
    bytesRead,
    rows: rows.map((row) =>
      row.map((value, index) => (value === null ? null : formatValue(value, types[index]!, settings))),
    ),
  })
}

/** All rows stay in memory until the sum of one column is taken. */
async function keep({ sql, column }: EngineRequest): ReturnType<Handler> {
  await fetchRows(`CACHE TABLE answer AS ${String(sql)}`)
  return async () => {
    const summed = await countAndSum('answer', String(column))
    await fetchRows('UNCACHE TABLE answer')
    return summed
  }
}

/** The first row of a result; the rest is not asked for. */
async function first({ sql }: EngineRequest): ReturnType<Handler> {
  const { rows } = await fetchRows(String(sql), 1)
  return async () => ({ count: rows.length })
}

/** A table into files of another format; then the files are read back. */
async function write({ table, format, path, column }: EngineRequest): ReturnType<Handler> {
  const writer = session.table(String(table)).write.mode('overwrite')
  const target = String(path)
  if (format === 'parquet') await writer.parquet(target)
  else if (format === 'csv') await writer.option('header', true).csv(target)
  else await writer.json(target)
  return async () => {
    await session.registerPath('written', target)
    return await countAndSum('written', String(column))
  }
}

async function countAndSum(table: string, column: string): Promise<Omit<EngineReply, 'seconds'>> {
  const { rows } = await fetchRows(`SELECT count(*), cast(sum(${column}) AS double) FROM ${table}`)
  const [count, sum] = rows[0]!
  // JSON makes null of NaN, and so do the peers.
  return { count: Number(count), sum: sum === null ? null : Number(sum) }
}

interface Fetched {
  readonly types: readonly DataType[]
  readonly rows: readonly (readonly Value[])[]
  readonly bytesRead: number
}

async function fetchRows(text: string, most = Number.POSITIVE_INFINITY): Promise<Fetched> {
  const position = { line: 1, column: 1, offset: 0 }
  const { plan, batches, metrics } = await session.runText({ text, position })
  const rows: Value[][] = []
  for await (const { batch, release } of batches) {
    const columns = batch.columns.map((column) => valueReader(column))
    const count = Math.min(batch.rowCount, most - rows.length)
    for (let row = 0; row < count; row++) rows.push(columns.map((read) => read(row)))
    release()
    if (rows.length >= most) break
  }
  const bytesRead = Object.values(metrics).reduce((sum, node) => sum + (node['bytesRead'] ?? 0), 0)
  return { types: plan.schema.fields.map(({ type }) => type), rows, bytesRead }
}
