import { asBuffer } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import {
  commonType,
  type DataType,
  decimalType,
  type Field,
  field,
  listType,
  structType,
  types,
} from '../../types/index.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { parseInt64 } from '../text/parse-number.ts'
import { TextWindow } from '../text/text-window.ts'
import { FALSE, JsonCursor, JsonFault, NULL, TRUE } from './json-cursor.ts'
import type { JsonOptions } from './options.ts'
import { stringOf } from './unescape.ts'

/** What the schema of a JSON file is inferred from. */
export interface JsonInference {
  readonly options: JsonOptions
  readonly sampleRows: number
  readonly sampleStep: number
}

/**
 * What a sample told: the columns in order of name, as Spark has them, and whether some record was malformed.
 */
export interface InferredJson {
  readonly fields: readonly Field[]
  readonly hasBadRecords: boolean
}

/** The columns of a JSON input by its first records; null if it has none. Closes the input. */
export async function inferJson(
  input: ByteInput,
  inference: JsonInference,
  context: SourceContext,
): Promise<InferredJson | null> {
  const window = new TextWindow(input, () => context.createRegion(), inference.options.maxLineBytes)
  try {
    await window.fill()
    const sample = new Sample(inference)
    for (;;) {
      const done = sample.scan(window.bytes, window.start, window.end, window.atEnd)
      if (sample.rows > 0 || window.atEnd || window.isFull || done) break
      await window.fill()
    }
    if (sample.rows === 0 && !sample.hasBadRecords) return null
    const fields = sample.type.kind === 'struct' ? sample.type.fields : []
    return { fields: settleFields(fields), hasBadRecords: sample.hasBadRecords }
  } finally {
    window.free()
    await input.close()
  }
}

/** Types of the records of the first window. */
class Sample {
  rows = 0
  hasBadRecords = false
  type: DataType = types.null
  readonly #inference: JsonInference
  readonly #cursor = new JsonCursor()

  constructor(inference: JsonInference) {
    this.#inference = inference
  }

  /** Gives whether there is no use in more bytes. */
  scan(bytes: Uint8Array, start: number, end: number, atEnd: boolean): boolean {
    this.rows = 0
    this.type = types.null
    this.hasBadRecords = false
    return this.#inference.options.multiLine
      ? this.#scanValues(bytes, start, end)
      : this.#scanLines(bytes, start, end, atEnd)
  }

  #scanLines(bytes: Uint8Array, start: number, end: number, atEnd: boolean): boolean {
    const { options, sampleRows } = this.#inference
    const buffer = asBuffer(bytes)
    for (let at = start; at < end && this.rows < sampleRows; ) {
      let lineEnd = buffer.indexOf(options.lineBreak < 0 ? 10 : options.lineBreak, at)
      if (lineEnd < 0 || lineEnd > end) {
        if (!atEnd) break
        lineEnd = end
      }
      this.#cursor.reset(bytes, at, lineEnd)
      try {
        if (this.#cursor.peek() >= 0) this.#see(typeAt(this.#cursor, options))
        if (this.#cursor.peek() >= 0) this.hasBadRecords = true
      } catch (error) {
        if (!(error instanceof JsonFault)) throw error
        this.hasBadRecords = true
      }
      at = lineEnd + 1
    }
    return false
  }

  #scanValues(bytes: Uint8Array, start: number, end: number): boolean {
    const { options, sampleRows } = this.#inference
    const cursor = this.#cursor
    for (let at = start; this.rows < sampleRows; ) {
      cursor.reset(bytes, at, end)
      const byte = cursor.peek()
      if (byte < 0) return false
      try {
        if (byte === 91 || byte === 93 || byte === 44) cursor.at++
        else this.#see(typeAt(cursor, options))
        at = cursor.at
      } catch (error) {
        if (!(error instanceof JsonFault)) throw error
        return false
      }
    }
    return true
  }

  #see(type: DataType): void {
    const record = type.kind === 'list' ? type.element : type
    if (record.kind !== 'struct') {
      this.hasBadRecords ||= record.kind !== 'null'
      return
    }
    if (this.rows++ % this.#inference.sampleStep === 0) this.type = merge(this.type, record)
  }
}

/** The type of the value at the cursor. */
function typeAt(cursor: JsonCursor, options: JsonOptions): DataType {
  const byte = cursor.peek()
  if (byte === 123) return typeOfObject(cursor, options)
  if (byte === 91) return typeOfArray(cursor, options)
  if (byte === 110) {
    cursor.word(NULL)
    return types.null
  }
  if (byte === 116 || byte === 102) {
    cursor.word(byte === 116 ? TRUE : FALSE)
    return options.primitivesAsString ? types.string : types.boolean
  }
  if (byte === 34) {
    cursor.string()
    return types.string
  }
  if (byte !== 45 && (byte < 48 || byte > 57)) throw cursor.unexpected(byte, 'a value')
  cursor.number()
  return options.primitivesAsString ? types.string : typeOfNumber(cursor, options)
}

function typeOfNumber({ bytes, start, stop, special }: JsonCursor, options: JsonOptions): DataType {
  if (!special && parseInt64(bytes, start, stop) !== null) return types.int64
  const text = stringOf(bytes, start, stop, false)
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const isPlain = !/e/i.test(text)
  const precision = Math.max(whole.replace(/^0+/, '').length + fraction.length, fraction.length, 1)
  if (isPlain && precision <= 38 && (!special || options.prefersDecimal))
    return decimalType(precision, fraction.length)
  return types.float64
}

function typeOfObject(cursor: JsonCursor, options: JsonOptions): DataType {
  const members = new Map<string, DataType>()
  cursor.enter()
  if (cursor.peek() !== 125) {
    for (;;) {
      if (cursor.peek() !== 34) throw cursor.unexpected(cursor.peek(), 'a name')
      cursor.string()
      const name = stringOf(cursor.bytes, cursor.start, cursor.stop, cursor.special)
      cursor.expect(58)
      members.set(name, typeAt(cursor, options))
      if (cursor.peek() === 125) break
      cursor.expect(44)
    }
  }
  cursor.leave()
  return structOf(members)
}

function typeOfArray(cursor: JsonCursor, options: JsonOptions): DataType {
  let element: DataType = types.null
  cursor.enter()
  if (cursor.peek() !== 93) {
    for (;;) {
      element = merge(element, typeAt(cursor, options))
      if (cursor.peek() === 93) break
      cursor.expect(44)
    }
  }
  cursor.leave()
  return listType(element)
}

function structOf(members: ReadonlyMap<string, DataType>): DataType {
  const names = [...members.keys()].sort((a, b) => (a < b ? -1 : 1))
  return structType(names.map((name) => field(name, members.get(name)!)))
}

/** The type that holds the values of both; string where nothing else does. */
function merge(a: DataType, b: DataType): DataType {
  if (a === b || b.kind === 'null') return a
  if (a.kind === 'null') return b
  if (a.kind === 'struct' && b.kind === 'struct') {
    const members = new Map(a.fields.map(({ name, type }) => [name, type]))
    for (const { name, type } of b.fields) members.set(name, merge(members.get(name) ?? types.null, type))
    return structOf(members)
  }
  if (a.kind === 'list' && b.kind === 'list') return listType(merge(a.element, b.element))
  if (a.kind === 'string' || b.kind === 'string' || a.kind === 'boolean' || b.kind === 'boolean')
    return a.kind === b.kind ? a : types.string
  return commonType(a, b) ?? types.string
}

/** What never had a value is a string; objects that never had members are left out, as in Spark. */
function settle(type: DataType): DataType | null {
  if (type.kind === 'null') return types.string
  if (type.kind === 'list') {
    const element = settle(type.element)
    return element === null ? null : listType(element)
  }
  if (type.kind !== 'struct') return type
  const fields = settleFields(type.fields)
  return fields.length === 0 ? null : structType(fields)
}

function settleFields(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((each) => {
    const type = settle(each.type)
    return type === null ? [] : [field(each.name, type)]
  })
}
