import { createInterface } from 'node:readline'
import { Session } from '../../driver/session.ts'
import { valueReader } from '../../engine/batch/index.ts'
import { formatValue } from '../../engine/functions/index.ts'
import type { DataType, Value } from '../../engine/types/index.ts'
import type { EngineConfig, EngineReply, EngineRequest } from './engine-process.ts'

/** What is timed; it gives what is not: the answer as text, for comparison. */
type Handler = (request: EngineRequest) => Promise<() => Promise<Omit<EngineReply, 'seconds'>>>

const config = JSON.parse(process.argv[2]!) as EngineConfig
const session = new Session({
  master: `local[${config.threads}]`,
  timeZone: 'UTC',
  ...(config.memory === undefined ? {} : { memory: config.memory }),
})
const handlers: Readonly<Record<string, Handler>> = { query, keep, run }

for (const [name, path] of Object.entries(config.tables)) await session.registerPath(name, path)
await session.warmUp()
say({ version: process.env['npm_package_version'] ?? 'dev' })
for await (const line of createInterface({ input: process.stdin }))
  say(await answer(JSON.parse(line) as EngineRequest))
await session.stop()

function say(reply: object): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

async function answer(request: EngineRequest): Promise<object> {
  try {
    const start = performance.now()
    const finish = await handlers[request.op]!(request)
    const seconds = (performance.now() - start) / 1000
    return { seconds, ...(await finish()) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** Rows as values of the program, as the peers give values of theirs. */
async function query({ sql }: EngineRequest): ReturnType<Handler> {
  const { types, rows } = await fetchRows(String(sql))
  const settings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 0 }
  return async () => ({
    count: rows.length,
    rows: rows.map((row) =>
      row.map((value, index) => (value === null ? null : formatValue(value, types[index]!, settings))),
    ),
  })
}

/** All rows stay in memory until the sum of one column is taken. */
async function keep({ sql, column }: EngineRequest): ReturnType<Handler> {
  await fetchRows(`CACHE TABLE answer AS ${String(sql)}`)
  return async () => {
    const { rows } = await fetchRows(`SELECT count(*), cast(sum(${String(column)}) AS double) FROM answer`)
    await fetchRows('UNCACHE TABLE answer')
    const [count, sum] = rows[0]!
    return { count: Number(count), sum: sum === null ? null : Number(sum) }
  }
}

/** A command; nothing of it is compared. */
async function run({ sql }: EngineRequest): ReturnType<Handler> {
  await fetchRows(String(sql))
  return async () => ({ count: 0 })
}

async function fetchRows(
  text: string,
): Promise<{ readonly types: readonly DataType[]; readonly rows: readonly (readonly Value[])[] }> {
  const { plan, batches } = await session.runText({ text, position: { line: 1, column: 1, offset: 0 } })
  const rows: Value[][] = []
  for await (const { batch, release } of batches) {
    const columns = batch.columns.map((column) => valueReader(column))
    for (let row = 0; row < batch.rowCount; row++) rows.push(columns.map((read) => read(row)))
    release()
  }
  return { types: plan.schema.fields.map(({ type }) => type), rows }
}
