import { resolve } from 'node:path'
import { findSecret } from '../secret.ts'
import { UsageError } from '../usage-error.ts'
import { countOf, readLiveFlags } from './live-settings.ts'
import { replay } from './replay.ts'
import { runStreams } from './stream.ts'

/** `npm run retail -- produce`. */
export async function produceCommand(args: readonly string[]): Promise<void> {
  const flag = readLiveFlags('produce', args)
  const file = flag('replay')
  if (file === undefined)
    throw new UsageError('nothing says what is to be played', 'Give --replay FILE; see --help.')
  const counts = await replay({
    file,
    out: resolve(flag('out')!),
    rate: countOf('rate', flag('rate')),
    partitions: countOf('partitions', flag('partitions')) ?? 1,
  })
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  process.stdout.write(`${total.toLocaleString('en')} records into ${flag('out')}\n`)
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
