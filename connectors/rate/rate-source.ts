import { fixedVector, type RecordBatch } from '../../engine/batch/index.ts'
import {
  type SourceOptions,
  type Split,
  STREAM_FROM,
  STREAM_TO,
  type StreamingSource,
  type StreamOffset,
  type TableSource,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { Region } from '../../engine/memory/index.ts'
import { type Schema, types } from '../../engine/types/index.ts'

const schema: Schema = {
  fields: [
    { name: 'timestamp', type: types.timestamp, nullable: false },
    { name: 'value', type: types.int64, nullable: false },
  ],
}

const BATCH_ROWS = 32_768

/** Where a query began, and how many rows were given. */
interface RateOffset extends StreamOffset {
  readonly startMicros: number
  readonly rows: number
}

/** Row numbers [from, to), at so many microseconds each. */
interface RateSplit {
  readonly startMicros: number
  readonly microsPerRow: number
  readonly from: number
  readonly to: number
}

/**
 * Made-up rows: numbers from 0, with their time. So many a second of the clock, or, with `rowsPerBatch`, so
 * many a batch, with times that advance as if they came so: then the same query always sees the same rows.
 */
export const rateSource: TableSource = {
  name: 'rate',
  options: {
    rowsPerSecond: { usage: 'rows for each second of event time', default: '1' },
    rowsPerBatch: { usage: 'rows of each batch, whatever the clock says' },
    rows: { usage: 'rows in all; then the stream has no more' },
    startTimestamp: { usage: 'microseconds since 1970 of row 0 (default: now, or 0 with rowsPerBatch)' },
    numPartitions: { usage: 'splits of a batch', default: '1' },
    [STREAM_FROM]: { usage: 'set by the engine' },
    [STREAM_TO]: { usage: 'set by the engine' },
  },
  describe: (options) => {
    numberOf(options, 'rowsPerSecond', 1)
    return Promise.resolve({ schema, statistics: {}, partitionColumns: [] })
  },
  plan: ({ options }) => {
    const text = { from: option(options, STREAM_FROM), to: option(options, STREAM_TO) }
    if (text.from === undefined || text.to === undefined)
      throw new EngineError('UNSUPPORTED_FEATURE', 'data source "rate" outside of a stream', {
        hint: 'Read it with session.readStream.',
      })
    const [from, to] = [JSON.parse(text.from) as RateOffset, JSON.parse(text.to) as RateOffset]
    const microsPerRow = 1e6 / numberOf(options, 'rowsPerSecond', 1)
    const count = numberOf(options, 'numPartitions', 1)
    const cut = (part: number): number => from.rows + Math.floor(((to.rows - from.rows) * part) / count)
    const splits = Array.from({ length: count }, (_, part): Split => {
      const data: RateSplit = {
        startMicros: from.startMicros,
        microsPerRow,
        from: cut(part),
        to: cut(part + 1),
      }
      return { sizeBytes: 16 * (data.to - data.from), rowCount: data.to - data.from, data }
    })
    return Promise.resolve({ splits: splits.filter(({ rowCount }) => rowCount! > 0), notes: [] })
  },
  async *read(splits, { columns }, context) {
    const region = context.createRegion()
    try {
      for (const { data } of splits) {
        const { to, from } = data as RateSplit
        for (let row = from; row < to; row += BATCH_ROWS) {
          context.checkCancelled()
          region.reset()
          yield rowsFrom(row, Math.min(BATCH_ROWS, to - row), data as RateSplit, columns, region)
        }
      }
    } finally {
      region.free()
    }
  },
  stream: rateStream(),
}

function rowsFrom(
  row: number,
  rowCount: number,
  { startMicros, microsPerRow }: RateSplit,
  names: readonly string[],
  region: Region,
): RecordBatch {
  const columns = names.map((name) => {
    const values = region.int64(rowCount)
    for (let i = 0; i < rowCount; i++)
      values[i] = BigInt(name === 'value' ? row + i : startMicros + Math.floor((row + i) * microsPerRow))
    return fixedVector(name === 'value' ? types.int64 : types.timestamp, rowCount, values)
  })
  return { rowCount, columns }
}

function rateStream(): StreamingSource {
  return {
    initialOffset: (options) => {
      const fixed = option(options, 'rowsPerBatch') !== undefined
      const startMicros = numberOf(options, 'startTimestamp', fixed ? 0 : Date.now() * 1000, 0)
      return Promise.resolve({ startMicros, rows: 0 } satisfies RateOffset)
    },
    nextOffset: (options, from, { maxRows }) => {
      const { startMicros, rows } = from as RateOffset
      const most = numberOf(options, 'rows', Number.MAX_SAFE_INTEGER, 0)
      const perBatch = option(options, 'rowsPerBatch')
      const due =
        perBatch === undefined
          ? Math.floor(((Date.now() * 1000 - startMicros) / 1e6) * numberOf(options, 'rowsPerSecond', 1))
          : rows + numberOf(options, 'rowsPerBatch', 1)
      const next = Math.max(rows, Math.min(due, most, rows + (maxRows ?? Number.MAX_SAFE_INTEGER)))
      return Promise.resolve({ startMicros, rows: next } satisfies RateOffset)
    },
    lag: (options, from) => {
      const { rows } = from as RateOffset
      const most = option(options, 'rows')
      return Promise.resolve({ partitions: { 0: most === undefined ? 0 : Math.max(0, Number(most) - rows) } })
    },
  }
}

function option(options: SourceOptions, name: string): string | undefined {
  return Object.entries(options).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

/** CONFIG_INVALID unless it is a whole number from `least`. */
function numberOf(options: SourceOptions, name: string, otherwise: number, least = 1): number {
  const text = option(options, name)
  if (text === undefined) return otherwise
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new EngineError(
    'CONFIG_INVALID',
    `option "${name}" of source "rate" must be a whole number from ${least}`,
  )
}
