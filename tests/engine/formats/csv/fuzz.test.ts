import { expect, test } from 'vitest'
import { type Vector, vectorBuilder } from '../../../../engine/batch/index.ts'
import {
  CSV_OPTIONS,
  csvOptions,
  csvWriter,
  inferCsv,
  readCsv,
} from '../../../../engine/formats/csv/index.ts'
import {
  inferJson,
  JSON_OPTIONS,
  jsonOptions,
  jsonWriter,
  readJson,
} from '../../../../engine/formats/json/index.ts'
import {
  type BadRecordPolicy,
  type BatchFormatter,
  type ByteInput,
  memoryInput,
  OptionReader,
} from '../../../../engine/formats/text/index.ts'
import {
  decimalType,
  type Field,
  field,
  listType,
  mapType,
  structType,
  types,
  type Value,
} from '../../../../engine/types/index.ts'
import { rowsOf, testContext } from './read.ts'

const permissive: BadRecordPolicy = { mode: 'PERMISSIVE', deadLetter: null, lineOf: null }
const corruptColumn = '_corrupt_record'

/** Small generator with a seed, so that a failure can be replayed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * below)
  }
}

/** An input that gives its bytes in small pieces, so that records are cut everywhere. */
function choppedInput(bytes: Uint8Array, next: (below: number) => number): ByteInput {
  const whole = memoryInput(bytes)
  return { ...whole, read: (into) => whole.read(into.subarray(0, 1 + next(Math.min(into.length, 50)))) }
}

const csvFields: readonly Field[] = [
  field('a', types.int32),
  field('b', types.string),
  field('c', decimalType(20, 3)),
  field('d', types.timestamp),
]

function csvRequest(options: Readonly<Record<string, string>>, fields = csvFields, withText = true) {
  const columns = fields.map(({ name }) => name)
  return {
    options: csvOptions(new OptionReader(options, CSV_OPTIONS, 'csv')),
    fields,
    columns: withText ? [...columns, corruptColumn] : columns,
    corruptColumn,
    skipHeader: false,
    policy: permissive,
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'readCsv() and readJson() end with rows for any bytes, seed %i',
  async (seed) => {
    const next = random(seed)
    const alphabet = Buffer.from('"",,\\\\\n\n\r\0{}[]:19.-eE trueé \xff#', 'latin1')
    for (let round = 0; round < 40; round++) {
      const bytes = Uint8Array.from({ length: next(3000) }, () =>
        seed % 2 === 0 ? next(256) : alphabet[next(alphabet.length)]!,
      )
      for (const multiLine of ['true', 'false']) {
        const context = testContext()
        const options = { multiLine, maxLineBytes: '300' }
        const request = csvRequest({ ...options, comment: '#' })
        await rowsOf(readCsv(choppedInput(bytes, next), request, context))
        await inferCsv(
          memoryInput(bytes),
          { options: request.options, inferTypes: true, sampleRows: 100, sampleStep: 1 },
          context,
        )
        const json = jsonOptions(new OptionReader(options, JSON_OPTIONS, 'json'))
        await rowsOf(readJson(choppedInput(bytes, next), { ...request, options: json }, context))
        await inferJson(memoryInput(bytes), { options: json, sampleRows: 100, sampleStep: 1 }, context)
        expect(context.pool.usedBytes).toBe(0)
      }
    }
  },
  60_000,
)

const jsonFields: readonly Field[] = [
  ...csvFields,
  field('e', types.int64),
  field('f', types.float64),
  field('g', listType(structType([field('x', types.boolean), field('y', types.string)]))),
  field('h', mapType(types.string, types.date)),
  field('i', types.binary),
  field('j', decimalType(38, 10)),
  field('k', types.timestampNtz),
]

function randomText(next: (below: number) => number): string {
  const parts = ['"', ',', '\n', '\r\n', 'x', 'é', '😀', ' ', 'NULL', '\t', "'", '#', '1', '{', '\u0001']
  return Array.from({ length: next(6) }, () => parts[next(parts.length)]).join('')
}

function randomRow(next: (below: number) => number): Value[] {
  const orNull = (value: Value): Value => (next(5) === 0 ? null : value)
  return [
    orNull(next(2 ** 32) - 2 ** 31),
    orNull(randomText(next)),
    orNull(BigInt(next(2 ** 31)) * BigInt(next(2 ** 30)) - 5_000_000_000n),
    orNull(BigInt(next(2 ** 32)) * 1_000_003n - 2_000_000_000_000_000n),
    orNull(BigInt.asIntN(64, BigInt(next(2 ** 32)) * 4_294_967_311n)),
    orNull((next(2 ** 32) - 2 ** 31) / 10 ** next(12)),
    orNull(Array.from({ length: next(3) }, () => orNull([orNull(next(2) === 0), orNull(randomText(next))]))),
    orNull(Array.from({ length: next(3) }, (_, index) => [`k${index}`, orNull(next(60_000) - 30_000)])),
    orNull(Uint8Array.from({ length: next(5) }, () => next(256))),
    orNull(BigInt(next(2 ** 32)) ** 3n * -3n),
    orNull(BigInt(next(2 ** 32)) * 1_000_003n),
  ]
}

test.each([1, 2, 3])(
  'what csvWriter() and jsonWriter() write is read back, seed %i',
  async (seed) => {
    const next = random(seed)
    const context = testContext('Europe/Berlin')
    const rows = Array.from({ length: 3000 }, () => randomRow(next))
    const region = context.createRegion()
    const columns = jsonFields.map(({ type }, index) => {
      const builder = vectorBuilder(type, region)
      for (const row of rows) builder.append(row[index]!)
      return builder.finish()
    })
    const bytesOf = (formatter: BatchFormatter, vectors: readonly Vector[]): Uint8Array => {
      const pieces = formatter.format({ rowCount: rows.length, columns: vectors }, region)
      return Buffer.concat(Array.from(pieces, (piece) => piece.slice()))
    }
    const json = bytesOf(jsonWriter({ fields: jsonFields }, {}, context.settings), columns)
    const csvColumns = columns.slice(0, csvFields.length)
    const csv = bytesOf(csvWriter({ fields: csvFields }, { nullValue: '-' }, context.settings), csvColumns)
    region.free()
    const names = jsonFields.map(({ name }) => name)
    const request = {
      options: jsonOptions(new OptionReader({}, JSON_OPTIONS, 'json')),
      fields: jsonFields,
      columns: names,
      corruptColumn,
      policy: permissive,
    }
    expect(await rowsOf(readJson(choppedInput(json, next), request, context))).toEqual(rows)
    const back = await rowsOf(
      readCsv(
        choppedInput(csv, next),
        csvRequest({ multiLine: 'true', nullValue: '-' }, csvFields, false),
        context,
      ),
    )
    expect(back).toEqual(rows.map((row) => row.slice(0, csvFields.length)))
    expect(context.pool.usedBytes).toBe(0)
  },
  60_000,
)
