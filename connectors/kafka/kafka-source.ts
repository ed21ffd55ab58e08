import type { Split, TableSource } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { Schema } from '../../engine/types/index.ts'
import {
  type BadRecord,
  DeadLetterLines,
  RAW_FIELDS,
  RECORD_FIELDS,
  readJsonPayload,
  recordColumns,
} from '../payload/index.ts'
import { EARLIEST, keyOf, LATEST, type Leader, partitionOf } from './cluster.ts'
import { KAFKA_OPTIONS, type KafkaOptions, kafkaOptions, type Offsets } from './kafka-options.ts'
import { kafkaStream, resolveOffsets, subscribedPartitions } from './kafka-stream.ts'
import { type KafkaPiece, readRange } from './range-reader.ts'

/** Offsets of a split: a range with more is cut, so that all threads have something to do. */
const SPLIT_OFFSETS = 250_000

/** A guess: only a reader of records knows their size. */
const RECORD_BYTES = 200

/** Records of Kafka: as a table, all between two offsets; as a stream, with what comes. */
export const kafkaSource: TableSource = {
  name: 'kafka',
  options: KAFKA_OPTIONS,

  async describe(options, declared) {
    const given = kafkaOptions(options)
    const schema = schemaOf(given, declared)
    await subscribedPartitions(given)
    return { schema, statistics: {}, partitionColumns: [] }
  },

  async plan(request) {
    const given = kafkaOptions(request.options)
    const partitions = await subscribedPartitions(given)
    // A partition that was added since the last batch begins where it begins.
    const from = await resolveOffsets(
      given.access,
      partitions,
      given.from ?? given.starting ?? EARLIEST,
      EARLIEST,
    )
    const to = given.to ?? (await resolveOffsets(given.access, partitions, given.ending, LATEST))
    return { splits: splitsOf(from, to, partitions), notes: [] }
  },

  async *read(splits, request, context) {
    const given = kafkaOptions(request.options)
    const letters =
      given.deadLetterPath === undefined ? null : new DeadLetterLines(given.deadLetterPath, context)
    const fields = request.schema.fields.filter(({ name }) => !isRecordField(name))
    const region = context.createRegion()
    try {
      for (const { data } of splits) {
        const piece = data as KafkaPiece
        const onBad =
          letters === null
            ? null
            : async (bad: BadRecord) => letters.add(bad, `${piece.partition}-${piece.from}`)
        for await (const batches of readRange(given.access, piece, given, context)) {
          if (given.isJson) {
            const payload = { options: given.json, fields, columns: request.columns, onBad }
            yield* readJsonPayload(batches, payload, context)
            continue
          }
          for (const records of batches) {
            region.reset()
            yield recordColumns(records, request.columns, null, region)
          }
        }
      }
      await letters?.flush()
    } finally {
      region.free()
    }
  },

  stream: kafkaStream,
}

function splitsOf(from: Offsets, to: Offsets, partitions: readonly Leader[]): readonly Split[] {
  const addresses = new Map(partitions.map((leader) => [keyOf(leader), leader.address]))
  return Object.keys(to).flatMap((key) => {
    const [first, last] = [from[key], to[key]!]
    if (first === undefined) throw gone(key)
    const pieces = Math.ceil(Math.max(0, last - first) / SPLIT_OFFSETS)
    return Array.from({ length: pieces }, (_, index): Split => {
      const [begin, end] = [index, index + 1].map((n) => first + Math.floor(((last - first) * n) / pieces))
      const piece = { ...partitionOf(key), from: begin!, to: end!, address: addresses.get(key) ?? null }
      return { sizeBytes: (end! - begin!) * RECORD_BYTES, data: piece satisfies KafkaPiece }
    })
  })
}

function isRecordField(name: string): boolean {
  return RECORD_FIELDS.some((field) => field.name === name)
}

function schemaOf({ isJson }: KafkaOptions, declared: Schema | null): Schema {
  if (!isJson) return { fields: RAW_FIELDS }
  if (declared === null)
    throw new EngineError('SCHEMA_MISMATCH', 'JSON values of Kafka need a schema', {
      hint: 'Give one: session.readStream.format("kafka").schema(…).',
    })
  const own = declared.fields.filter(({ name }) => !isRecordField(name))
  return { fields: [...own, ...RECORD_FIELDS] }
}

function gone(key: string): EngineError {
  return new EngineError('KAFKA_DATA_LOSS', `partition ${key} does not exist any more`, {
    hint: 'The topic was deleted or made anew since the query began.',
  })
}
