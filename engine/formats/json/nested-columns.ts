import { listVector, nullVector, structVector, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { type DataType, type Field, mapEntryType, typeName } from '../../types/index.ts'
import {
  BooleanColumn,
  FIRST_CAPACITY,
  type JsonColumn,
  type JsonTarget,
  misfit,
  skipNull,
  Validity,
} from './json-column.ts'
import { JsonMembers } from './json-members.ts'
import { BigintColumn, DecimalColumn, FloatColumn, IntegerColumn, TimeColumn } from './number-columns.ts'
import { BinaryColumn, TextColumn } from './text-column.ts'

/** The column that reads values of a type; `name` is for messages: `basket.items`. */
export function jsonColumn(target: JsonTarget, name: string, type: DataType): JsonColumn {
  switch (type.kind) {
    case 'boolean':
      return new BooleanColumn(target, name, type)
    case 'int8':
    case 'int16':
    case 'int32':
      return new IntegerColumn(target, name, type)
    case 'int64':
      return new BigintColumn(target, name, type)
    case 'float32':
    case 'float64':
      return new FloatColumn(target, name, type)
    case 'decimal':
      return new DecimalColumn(target, name, type)
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return new TimeColumn(target, name, type)
    case 'string':
      return new TextColumn(target, name)
    case 'binary':
      return new BinaryColumn(target, name, type)
    case 'list':
      return new ListColumn(target, name, type)
    case 'map':
      return new MapColumn(target, name, type)
    case 'struct':
      return new StructColumn(target, name, type)
    case 'null':
      return new NullColumn(target, name, type)
    default:
      throw new EngineError('UNSUPPORTED_FEATURE', `column "${name}" of type ${typeName(type)} in JSON`, {
        hint: 'Read the column as a string and cast it.',
      })
  }
}

class NullColumn implements JsonColumn {
  readonly #target: JsonTarget
  readonly #name: string
  readonly #type: DataType

  constructor(target: JsonTarget, name: string, type: DataType) {
    this.#target = target
    this.#name = name
    this.#type = type
  }

  read(_row: number): void {
    if (!skipNull(this.#target.cursor)) misfit(this.#target, this.#name, this.#type)
  }

  setNull(_row: number): void {}

  finish(rowCount: number): Vector {
    return nullVector(rowCount, this.#target.region)
  }
}

class StructColumn implements JsonColumn {
  readonly #target: JsonTarget
  readonly #name: string
  readonly #type: DataType
  readonly #members: JsonMembers
  readonly #validity = new Validity()
  #capacity = 0

  constructor(target: JsonTarget, name: string, type: Extract<DataType, { kind: 'struct' }>) {
    this.#target = target
    this.#name = name
    this.#type = type
    this.#members = membersOf(target, type.fields, `${name}.`)
  }

  read(row: number): void {
    const { cursor } = this.#target
    if (skipNull(cursor)) this.setNull(row)
    else if (cursor.peek() !== 123) {
      misfit(this.#target, this.#name, this.#type)
      this.setNull(row)
    } else {
      this.#mark(row, false)
      this.#members.read(row)
    }
  }

  setNull(row: number): void {
    this.#mark(row, true)
    this.#members.setNull(row)
  }

  finish(rowCount: number): Vector {
    const children = this.#members.finish(rowCount)
    this.#capacity = 0
    return structVector(this.#type, rowCount, children, this.#validity.finish())
  }

  #mark(row: number, isNull: boolean): void {
    if (row >= this.#capacity) this.#capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2, row + 1)
    this.#validity.mark(row, isNull, this.#capacity, this.#target.region)
  }
}

/** The members of an object, by field. */
function membersOf(target: JsonTarget, fields: readonly Field[], prefix: string): JsonMembers {
  const columns = fields.map(({ name, type }) => jsonColumn(target, `${prefix}${name}`, type))
  return new JsonMembers(
    target,
    fields.map(({ name }) => name),
    columns,
  )
}

/** Where the children of rows lie: row `row` has children [offsets[row], offsets[row + 1]). */
abstract class RepeatedColumn implements JsonColumn {
  protected readonly target: JsonTarget
  protected readonly name: string
  protected readonly type: DataType
  readonly #validity = new Validity()
  #capacity = 0
  #offsets: Int32Array = new Int32Array(1)

  constructor(target: JsonTarget, name: string, type: DataType) {
    this.target = target
    this.name = name
    this.type = type
  }

  read(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    const { cursor, region } = this.target
    const first = row === 0 ? 0 : this.#offsets[row]!
    if (skipNull(cursor)) this.setNull(row)
    else if (cursor.peek() !== this.opening) {
      misfit(this.target, this.name, this.type)
      this.setNull(row)
    } else {
      this.#offsets[row + 1] = this.readChildren(first)
      this.#validity.mark(row, false, this.#capacity, region)
    }
  }

  setNull(row: number): void {
    if (row >= this.#capacity) this.#grow(row)
    this.#offsets[row + 1] = row === 0 ? 0 : this.#offsets[row]!
    this.#validity.mark(row, true, this.#capacity, this.target.region)
  }

  finish(rowCount: number): Vector {
    if (this.#capacity === 0) this.#grow(0)
    const offsets = this.#offsets.subarray(0, rowCount + 1)
    const child = this.finishChildren(rowCount === 0 ? 0 : offsets[rowCount]!)
    this.#capacity = 0
    return listVector(this.type, rowCount, offsets, child, this.#validity.finish())
  }

  protected abstract readonly opening: number

  /** Reads children from row `first` of the child on; gives where they end. */
  protected abstract readChildren(first: number): number

  protected abstract finishChildren(count: number): Vector

  #grow(row: number): void {
    const capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2, row + 1)
    const larger = this.target.region.int32(capacity + 1)
    larger[0] = 0
    if (this.#capacity > 0) larger.set(this.#offsets)
    this.#offsets = larger
    this.#capacity = capacity
  }
}

class ListColumn extends RepeatedColumn {
  protected readonly opening = 91
  readonly #element: JsonColumn

  constructor(target: JsonTarget, name: string, type: Extract<DataType, { kind: 'list' }>) {
    super(target, name, type)
    this.#element = jsonColumn(target, name, type.element)
  }

  protected readChildren(first: number): number {
    const { cursor } = this.target
    let row = first
    cursor.enter()
    if (cursor.peek() !== 93) {
      for (;;) {
        this.#element.read(row++)
        if (cursor.peek() === 93) break
        cursor.expect(44)
      }
    }
    cursor.leave()
    return row
  }

  protected finishChildren(count: number): Vector {
    return this.#element.finish(count)
  }
}

/** Objects whose names are data. A name that is there twice stays twice but for the last, which counts. */
class MapColumn extends RepeatedColumn {
  protected readonly opening = 123
  readonly #key: TextColumn
  readonly #value: JsonColumn
  readonly #entry: DataType

  constructor(target: JsonTarget, name: string, type: Extract<DataType, { kind: 'map' }>) {
    super(target, name, type)
    if (type.key.kind !== 'string')
      throw new EngineError('UNSUPPORTED_FEATURE', `column "${name}" of type ${typeName(type)} in JSON`, {
        hint: 'Names of JSON objects are strings: use a map with string keys.',
      })
    this.#key = new TextColumn(target, name)
    this.#value = jsonColumn(target, name, type.value)
    this.#entry = mapEntryType(type)
  }

  protected readChildren(first: number): number {
    const { cursor } = this.target
    let row = first
    cursor.enter()
    if (cursor.peek() !== 125) {
      for (;;) {
        if (cursor.peek() !== 34) throw cursor.unexpected(cursor.peek(), 'a name')
        this.#key.read(row)
        cursor.expect(58)
        this.#value.read(row++)
        if (cursor.peek() === 125) break
        cursor.expect(44)
      }
    }
    cursor.leave()
    return row
  }

  protected finishChildren(count: number): Vector {
    return structVector(this.#entry, count, [this.#key.finish(count), this.#value.finish(count)])
  }
}
