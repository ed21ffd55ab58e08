import type { RecordBatch } from '../../engine/batch/index.ts'
import type { SourceContext } from '../../engine/connect/index.ts'
import { type ByteInput, type DeadLetter, type JsonOptions, readJson } from '../../engine/formats/index.ts'
import type { Field } from '../../engine/types/index.ts'
import type { BadRecord, FetchedRecords } from './record-batch.ts'
import { recordColumns } from './record-rows.ts'

export interface JsonPayloadRequest {
  readonly options: JsonOptions
  /** Members of the objects. */
  readonly fields: readonly Field[]
  /** Columns wanted, of the payload or of the record (`_offset` …), in order. */
  readonly columns: readonly string[]
  /** Takes what is no such object; null: FAILFAST. */
  readonly onBad: ((record: BadRecord) => Promise<void>) | null
}

/** What stands for a value without anything in it, so that the scanner does not take it for an empty line. */
const NOTHING = 0x01
const NOTHING_THERE = 'the record is empty'
const LF = 10
const SPACE = 32

/**
 * Values that are JSON objects, as columns: the scanner reads them where they were fetched to, as lines. One
 * batch of records at a time, so that a row's offset is told by its place.
 */
export async function* readJsonPayload(
  batches: Iterable<FetchedRecords>,
  request: JsonPayloadRequest,
  context: SourceContext,
): AsyncIterable<RecordBatch> {
  const names = request.fields.map(({ name }) => name)
  const ofPayload = request.columns.filter((name) => names.includes(name))
  const ofRecord = request.columns.filter((name) => !names.includes(name))
  const region = context.createRegion()
  try {
    for (const records of batches) {
      context.checkCancelled()
      region.reset()
      const lines = new RecordLines(records)
      const bad = new Map(lines.empty.map((record) => [record, NOTHING_THERE]))
      if (bad.size > 0) context.count('badRows', bad.size)
      const note = async ({ byteOffset, reason }: DeadLetter): Promise<void> => {
        bad.set(lines.recordAt(byteOffset), reason)
      }
      const policy = { mode: 'PERMISSIVE', deadLetter: note, lineOf: null } as const
      const { options, fields } = request
      const read = { options, fields, columns: ofPayload, corruptColumn: '', policy }
      let next = 0
      let told = 0
      for await (const batch of readJson(lines.input, read, context)) {
        const rows = region.int32(batch.rowCount)
        for (let row = 0; row < batch.rowCount; row++) {
          while (bad.has(next)) next++
          rows[row] = next++
        }
        yield merged(
          batch,
          ofPayload,
          recordColumns(records, ofRecord, rows, region),
          ofRecord,
          request.columns,
        )
        told += batch.rowCount
      }
      if (told + bad.size !== records.count) throw new Error('a record became other than one row')
      for (const [record, reason] of bad) await request.onBad?.(badRecord(records, lines, record, reason))
    }
  } finally {
    region.free()
  }
}

function merged(
  payload: RecordBatch,
  payloadNames: readonly string[],
  record: RecordBatch,
  recordNames: readonly string[],
  wanted: readonly string[],
): RecordBatch {
  const columns = wanted.map((name) => {
    const index = payloadNames.indexOf(name)
    return index >= 0 ? payload.columns[index]! : record.columns[recordNames.indexOf(name)]!
  })
  return { rowCount: payload.rowCount, columns }
}

function badRecord(records: FetchedRecords, lines: RecordLines, record: number, reason: string): BadRecord {
  const start = lines.startOf(record)
  const bytes = records.values.subarray(start, start + Math.max(0, records.valueLengths[record]!))
  const text = textOf(bytes)
  return {
    topic: records.topic,
    partition: records.partition,
    offset: records.firstOffset + record,
    reason,
    value: text ?? Buffer.from(bytes).toString('base64'),
    isBase64: text === null,
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** null: it is no UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes.slice())
  } catch {
    return null
  }
}

/** The values of a batch as lines, of which each record is exactly one. */
class RecordLines {
  readonly input: ByteInput
  /** Records whose value has no bytes at all: the scanner passes over their lines. */
  readonly empty: number[] = []
  readonly #starts: Float64Array

  constructor(records: FetchedRecords) {
    const { count, valueLengths } = records
    this.#starts = new Float64Array(count + 1)
    for (let i = 0; i < count; i++) this.#starts[i + 1] = this.#starts[i]! + Math.max(0, valueLengths[i]!) + 1
    this.input = inputOf(this.#lines(records), `${records.topic}/${records.partition}`)
  }

  startOf(record: number): number {
    return this.#starts[record]!
  }

  recordAt(offset: number): number {
    let [low, high] = [0, this.#starts.length - 1]
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low
  }

  /** As they lie, except where a value would be no line or more than one. */
  #lines(records: FetchedRecords): Uint8Array {
    const { values, valueLengths, count, hasBreaks } = records
    const isOdd = (record: number): boolean => isBlank(values, this.startOf(record), valueLengths[record]!)
    let copy: Uint8Array | null = hasBreaks ? values.slice() : null
    for (let i = 0; i < count; i++) {
      if (valueLengths[i]! <= 0) this.empty.push(i)
      else if (valueLengths[i]! < MOST_BLANKS && isOdd(i)) {
        copy ??= values.slice()
        copy[this.startOf(i)] = NOTHING
      }
      if (hasBreaks && copy !== null) unbreak(copy, this.startOf(i), valueLengths[i]!)
    }
    return copy ?? values
  }
}

const MOST_BLANKS = 64

function isBlank(bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (bytes[i]! > SPACE) return false
  return true
}

/** A LF within JSON stands between tokens, where a space is as good. */
function unbreak(bytes: Uint8Array, start: number, length: number): void {
  for (let i = start; i < start + length; i++) if (bytes[i] === LF || bytes[i] === 13) bytes[i] = SPACE
}

function inputOf(bytes: Uint8Array, file: string): ByteInput {
  let position = 0
  return {
    file,
    offset: 0,
    read: (into) => {
      const count = Math.min(into.length, bytes.length - position)
      into.set(bytes.subarray(position, position + count))
      position += count
      return Promise.resolve(count)
    },
    rawLength: (_bytes, start, end) => end - start,
    close: () => Promise.resolve(),
  }
}
