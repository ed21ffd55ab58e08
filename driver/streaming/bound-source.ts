import { sourceOf } from '../../connectors/index.ts'
import {
  type SourceContext,
  STREAM_FROM,
  STREAM_TO,
  type StreamingSource,
  type StreamOffset,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { inputsOf, type LogicalPlan, type Scan, withInputs } from '../../sql/plan/index.ts'
import type { BatchRange } from './checkpoint.ts'
import { type LoopSource, limitsOf } from './loop-parts.ts'
import type { StreamEngine } from './stream-engine.ts'

/** The streams that a plan reads, from left to right: the order of ranges in a batch. */
export function streamScans(plan: LogicalPlan): readonly Scan[] {
  if (plan.kind === 'Scan') return plan.table.isStream === true ? [plan] : []
  return inputsOf(plan).flatMap(streamScans)
}

/** The plan of one batch: each stream reads its range. */
export function withRanges(plan: LogicalPlan, ranges: readonly BatchRange[]): LogicalPlan {
  const rest = [...ranges]
  const replace = (node: LogicalPlan): LogicalPlan => {
    if (node.kind !== 'Scan' || node.table.isStream !== true)
      return withInputs(node, inputsOf(node).map(replace))
    const { from, to } = rest.shift()!
    const { isStream: _isStream, ...table } = node.table
    const range = { [STREAM_FROM]: JSON.stringify(from), [STREAM_TO]: JSON.stringify(to) }
    // Still a stream to the planner, which asks where rows come from.
    return { ...node, table: { ...table, isStream: true, options: { ...table.options, ...range } } }
  }
  return replace(plan)
}

/** What names a source in a checkpoint: the connector and where it reads, not how fast. */
export function sourceName({ table }: Scan): string {
  const place = ['path', 'topic', 'subscribe', 'subscribepattern', 'assign']
  const options = Object.entries(table.options).filter(([name]) => place.includes(name.toLowerCase()))
  return `${table.source} ${JSON.stringify(Object.fromEntries(options))}`
}

/** A source of the plan as the loop sees it. */
export function boundSource({ table }: Scan, engine: StreamEngine): LoopSource {
  const connector = sourceOf(table.source)
  const stream = connector.stream
  if (stream === undefined)
    throw new EngineError('UNSUPPORTED_FEATURE', `data source "${table.source}" cannot be read as a stream`)
  const { options } = table
  const limits = limitsOf(options)
  const within = async <T>(
    ask: (source: StreamingSource, context: SourceContext) => Promise<T>,
  ): Promise<T> => {
    const context = engine.driverContext(engine.settings())
    try {
      return await ask(stream, context)
    } finally {
      context.close()
    }
  }
  return {
    name: table.name,
    initialOffset: () => within((source, context) => source.initialOffset(options, context)),
    nextOffset: (from) => within((source, context) => source.nextOffset(options, from, limits, context)),
    waitForMore: (from: StreamOffset, timeoutMs, signal) =>
      within(async (source, context) => {
        if (source.waitForMore === undefined) await pause(Math.min(timeoutMs, POLL_MS), signal)
        else await source.waitForMore(options, from, timeoutMs, signal, context)
      }),
    release: (upTo) =>
      within(async (source, context) => {
        await source.release?.(options, upTo, context)
      }),
    lag: (from) => within((source, context) => source.lag(options, from, context)),
  }
}

/** Sources that cannot say when there is more are asked so often. */
const POLL_MS = 100

/** Resolves after a while, or when the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
