import {
  type SourceContext,
  type SourceOptions,
  type Split,
  STREAM_FROM,
  STREAM_TO,
  type StreamOffset,
  type TableSource,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { JSON_OPTIONS, jsonOptions, OptionReader } from '../../engine/formats/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import {
  DeadLetterLines,
  RAW_FIELDS,
  RECORD_FIELDS,
  readJsonPayload,
  recordColumns,
} from '../payload/index.ts'
import { logStream, topicsOf } from './log-stream.ts'
import { type LogPiece, readPiece } from './read-pieces.ts'
import { PartitionIndex, topicInfo } from './segments.ts'

const OPTIONS = {
  ...JSON_OPTIONS,
  path: { usage: 'folder of the log' },
  topic: { usage: 'topics, separated by commas' },
  startingOffsets: {
    usage: 'earliest, latest, or JSON of offsets such as {"sales/0": 12}',
    default: 'earliest',
  },
  valueFormat: {
    usage: 'json: values become the columns of the schema; raw: they stay bytes',
    default: 'raw',
  },
  deadLetterPath: { usage: 'folder for records that are no such JSON; without it they are an error' },
  maxRowsPerBatch: { usage: 'most records of a batch of a stream' },
  maxBytesPerBatch: { usage: 'accepted for the sake of other sources' },
  [STREAM_FROM]: { usage: 'set by the engine' },
  [STREAM_TO]: { usage: 'set by the engine' },
} as const

/** Bytes of a split, about. */
const SPLIT_BYTES = 16 << 20

/** Records of the embedded log: as a table, all that is there now; as a stream, with what comes. */
export const logSource: TableSource = {
  name: 'log',
  options: OPTIONS,

  describe(options, declared) {
    const given = optionsOf(options)
    for (const topic of given.topics) topicInfo(given.folder, topic)
    return Promise.resolve({ schema: schemaOf(given, declared), statistics: {}, partitionColumns: [] })
  },

  async plan(request, context) {
    const given = optionsOf(request.options)
    const from = JSON.parse(given.from ?? (await rangeOfAll(request.options, 'start', context))) as Offsets
    const to = JSON.parse(given.to ?? (await rangeOfAll(request.options, 'end', context))) as Offsets
    const splits = Object.keys(to).flatMap((key) => {
      const [topic, partition] = splitKey(key)
      const [first, last] = [from[key] ?? 0, to[key] ?? 0]
      if (first >= last) return []
      const index = indexOf(given.folder, topic, partition)
      return index.pieces(first, last, SPLIT_BYTES).map(({ start, bytes }): Split => {
        const { segment, position, offset } = start
        const piece = { topic, partition, path: segment.path, position, bytes, offset, from: first, to: last }
        return { sizeBytes: bytes, data: piece satisfies LogPiece }
      })
    })
    return { splits, notes: [] }
  },

  async *read(splits, request, context) {
    const { json, isJson, deadLetterPath } = optionsOf(request.options)
    const region = context.createRegion()
    const columns = context.createRegion()
    const letters = deadLetterPath === undefined ? null : new DeadLetterLines(deadLetterPath, context)
    try {
      for (const { data } of splits) {
        const piece = data as LogPiece
        const batches = readPiece(piece, region, context)
        if (!isJson) {
          for (const records of batches) {
            columns.reset()
            yield recordColumns(records, request.columns, null, columns)
          }
          continue
        }
        const fields = request.schema.fields.filter(({ name }) => !isRecordField(name))
        const range = `${piece.partition}-${Math.max(piece.offset, piece.from)}`
        const onBad =
          letters === null
            ? null
            : async (bad: Parameters<DeadLetterLines['add']>[0]) => letters.add(bad, range)
        yield* readJsonPayload(batches, { options: json, fields, columns: request.columns, onBad }, context)
      }
      await letters?.flush()
    } finally {
      region.free()
      columns.free()
    }
  },

  stream: logStream({ indexOf, offsetsOf: (options) => optionsOf(options) }),
}

type Offsets = Readonly<Record<string, number>>

function isRecordField(name: string): boolean {
  return RECORD_FIELDS.some((field) => field.name === name)
}

function schemaOf({ isJson }: ReturnType<typeof optionsOf>, declared: Schema | null): Schema {
  if (!isJson) return { fields: RAW_FIELDS }
  if (declared === null)
    throw new EngineError('SCHEMA_MISMATCH', 'JSON values of a log need a schema', {
      hint: 'Give one: session.readStream.format("log").schema(…).',
    })
  const own = declared.fields.filter(({ name }) => !isRecordField(name))
  return { fields: [...own, ...RECORD_FIELDS] }
}

/** Options as given, checked. */
function optionsOf(options: SourceOptions) {
  const given = new OptionReader(options, OPTIONS, 'log')
  const folder = given.text('path')
  if (folder === undefined)
    throw new EngineError('CONFIG_INVALID', 'option "path" is missing for source "log"')
  const format = given.text('valueFormat') ?? 'raw'
  if (format !== 'json' && format !== 'raw')
    throw new EngineError('CONFIG_INVALID', `option "valueFormat" of source "log" cannot be "${format}"`, {
      hint: 'There are json and raw.',
    })
  return {
    folder,
    topics: topicsOf(folder, given.text('topic')),
    starting: given.text('startingOffsets') ?? 'earliest',
    isJson: format === 'json',
    json: jsonOptions(given),
    deadLetterPath: given.text('deadLetterPath'),
    from: given.text(STREAM_FROM),
    to: given.text(STREAM_TO),
  }
}

async function rangeOfAll(
  options: SourceOptions,
  end: 'start' | 'end',
  context: SourceContext,
): Promise<string> {
  const { folder, topics } = optionsOf(options)
  context.checkCancelled()
  const offsets: Record<string, number> = {}
  for (const topic of topics)
    for (let partition = 0; partition < topicInfo(folder, topic).partitions; partition++) {
      const index = indexOf(folder, topic, partition)
      offsets[`${topic}/${partition}`] = end === 'start' ? index.startOffset : index.endOffset()
    }
  return JSON.stringify(offsets satisfies StreamOffset)
}

function splitKey(key: string): readonly [topic: string, partition: number] {
  const slash = key.lastIndexOf('/')
  return [key.slice(0, slash), Number(key.slice(slash + 1))]
}

const indexes = new Map<string, PartitionIndex>()

/** One index a partition and process. */
function indexOf(folder: string, topic: string, partition: number): PartitionIndex {
  const key = `${folder}\n${topic}\n${partition}`
  const known = indexes.get(key) ?? new PartitionIndex(folder, topic, partition)
  indexes.set(key, known)
  return known
}
