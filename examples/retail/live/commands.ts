import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findSecret } from '../secret.ts'
import { UsageError } from '../usage-error.ts'
import { type Arrival, arrange, partsOf } from './arrivals.ts'
import { countOf, readLiveFlags } from './live-settings.ts'
import { makeEvents } from './make-events.ts'
import { play, replay } from './play.ts'
import { inventedSales, salesOfFile } from './sale-source.ts'
import { runStreams } from './stream.ts'

/** `npm run retail -- produce`. */
export async function produceCommand(args: readonly string[]): Promise<void> {
  const flag = readLiveFlags('produce', args)
  const out = resolve(flag('out')!)
  const place = {
    out,
    rate: countOf('rate', flag('rate')),
    partitions: countOf('partitions', flag('partitions')) ?? 1,
  }
  const file = flag('replay')
  const counts =
    file === undefined ? await play(await madeRecords(flag, out), place) : await replay(file, place)
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  process.stdout.write(`${total.toLocaleString('en')} records into ${flag('out')}\n`)
}

/** Records made of invented or real sales; their manifest is written. */
async function madeRecords(
  flag: (name: string) => string | undefined,
  out: string,
): Promise<readonly Arrival[]> {
  const records = countOf('events', flag('events')) ?? 0
  const seed = Number(flag('seed'))
  if (!Number.isSafeInteger(seed))
    throw new UsageError(`--seed must be a whole number, not "${flag('seed')}"`)
  const input = flag('input')
  await mkdir(out, { recursive: true })
  const { unique } = partsOf(records)
  const sales =
    input === undefined
      ? inventedSales(seed, Math.ceil(unique * 0.08))
      : await salesOfFile(resolve(input), join(out, '_malformed'))
  if (sales.length === 0) throw new UsageError(`"${input}" has no sales`)
  const { arrivals, manifest } = arrange(makeEvents(sales, unique, seed), records, seed)
  const path = flag('manifest') ?? join(out, 'manifest.json')
  await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`)
  return arrivals
}

/** `npm run retail -- stream`. Ctrl-C stops the queries; the next start goes on there. */
export async function streamCommand(args: readonly string[]): Promise<void> {
  const flag = readLiveFlags('stream', args)
  const out = resolve(flag('out')!)
  const { key } = await findSecret({
    out,
    secret: process.env['MILLRACE_RETAIL_SECRET'],
    secretFile: flag('secret-file'),
  })
  const abort = new AbortController()
  const stop = (): void => abort.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const startMs = performance.now()
  await runStreams({
    from: resolve(flag('from')!),
    out,
    master: flag('master')!,
    memory: flag('memory')!,
    secret: key,
    batchRows: countOf('batch-rows', flag('batch-rows')),
    once: flag('once') === 'true',
    signal: abort.signal,
  })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  process.stdout.write(`stopped after ${seconds} s; everything is in ${out}\n`)
}
