import { asBuffer, type TextBuffer, type Vector } from '../../batch/index.ts'
import { assert } from '../../errors.ts'
import { LocalClock } from '../../functions/index.ts'
import { JSON_CONTROL, JSON_SLOT, type KernelHost, scanJson } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { BadRows } from '../text/bad-records.ts'
import { BLOCK_ROWS } from '../text/field-column.ts'
import { ESCAPED, type FieldTable, fieldTable, QUOTED } from '../text/field-table.ts'
import type { JsonBatchContext } from './json-batch.ts'
import { type JsonColumn, type JsonTarget, skipNull } from './json-column.ts'
import { JsonCursor } from './json-cursor.ts'
import { JsonMembers } from './json-members.ts'
import { JsonRecords } from './json-records.ts'

/** Names that nobody wants of which a place in the order is remembered, and bytes for them. */
const OTHER_NAMES = 128
const OTHER_NAME_BYTES = 8192

/**
 * Finds where the members of records lie, one record a line: by the kernel, and one by one what the kernel
 * leaves. Lines that are arrays are left to the caller.
 */
export class JsonScanner {
  readonly table: FieldTable
  /** Why records of the table are bad, by row. */
  readonly faults = new BadRows()
  /** Rows in which a name came twice: values that do not count may be why they are bad. */
  readonly repeated = new Set<number>()
  /** Whether the line at which the scan ended is an array. */
  atArray = false
  readonly #host: KernelHost
  /** What the kernel is told. */
  readonly control: Int32Array
  readonly #records: JsonRecords
  readonly #places: readonly PlaceColumn[]
  #buffer: TextBuffer | null = null

  constructor({ fields, options, zone, region, tables }: JsonBatchContext) {
    this.#host = tables.pool
    const table = fieldTable(fields.length, BLOCK_ROWS, tables)
    this.table = table
    const names = fields.map(({ name }) => name)
    this.control = controlOf(table, names, tables)
    const cursor = new JsonCursor()
    const target = { cursor, region, bad: this.faults, options, clock: new LocalClock(zone), record: 0 }
    this.#places = fields.map((_field, column) => new PlaceColumn(target, this, column))
    this.#records = new JsonRecords(target, new JsonMembers(target, names, this.#places))
  }

  /**
   * Scans records from `from` on into the table, at most `maxRows`. Gives where the first one begins that was
   * not scanned; a line that is cut off by `end` waits for more bytes unless `atEnd`.
   */
  scan(bytes: Uint8Array, from: number, end: number, atEnd: boolean, maxRows: number): number {
    const { table } = this
    table.rowCount = 0
    this.faults.clear()
    this.repeated.clear()
    this.atArray = false
    for (const place of this.#places) place.lastRow = -1
    let pos = from
    for (;;) {
      pos = this.#runKernel(bytes, pos, end, maxRows)
      if (table.rowCount >= maxRows || pos >= end) return pos
      const next = this.#scanLine(bytes, pos, end, atEnd)
      if (next < 0) return pos
      pos = next
    }
  }

  #runKernel(bytes: Uint8Array, from: number, end: number, maxRows: number): number {
    const { control } = this
    control[JSON_CONTROL.rowCount] = this.table.rowCount
    const pos = scanJson(this.#host, bytes, from, end, control, maxRows)
    this.table.rowCount = control[JSON_CONTROL.rowCount]!
    return pos
  }

  /** Scans one line; gives where the next one begins, -1 if the line is left. */
  #scanLine(bytes: Uint8Array, start: number, end: number, atEnd: boolean): number {
    const { table } = this
    const found = this.#bufferOf(bytes).indexOf(10, start)
    const isWhole = found >= 0 && found < end
    if (!isWhole && !atEnd) return -1
    const lineEnd = isWhole ? found : end
    if (this.#records.firstByte(bytes, start, lineEnd) === 91) {
      this.atArray = true
      return -1
    }
    const row = table.rowCount
    this.#records.count = row
    this.#records.scanLine(bytes, start, lineEnd, false)
    assert(this.#records.count <= row + 1, `a line gave ${this.#records.count - row} records`)
    if (this.#records.count > row) {
      table.rowStarts[row] = this.#records.startOf(row)
      table.rowEnds[row] = this.#records.endOf(row)
      table.rowCount++
    }
    return Math.min(end, lineEnd + 1)
  }

  #bufferOf(bytes: Uint8Array): TextBuffer {
    const known = this.#buffer
    if (known?.byteOffset === bytes.byteOffset && known.length === bytes.length) return known
    this.#buffer = asBuffer(bytes)
    return this.#buffer
  }
}

/** Puts the place of a value into the table. */
class PlaceColumn implements JsonColumn {
  readonly #target: JsonTarget
  readonly #scanner: JsonScanner
  readonly #column: number
  /** The row that was read last. */
  lastRow = -1

  constructor(target: JsonTarget, scanner: JsonScanner, column: number) {
    this.#target = target
    this.#scanner = scanner
    this.#column = column
  }

  read(row: number): void {
    const { cursor } = this.#target
    if (this.lastRow === row) this.#scanner.repeated.add(row)
    this.lastRow = row
    if (skipNull(cursor)) this.#put(row, -1, 0)
    else if (cursor.peek() === 34) {
      cursor.string()
      this.#put(row, cursor.start, (cursor.stop << 2) | QUOTED | (cursor.special ? ESCAPED : 0))
    } else {
      const start = cursor.at
      cursor.skip()
      this.#put(row, start, cursor.at << 2)
    }
  }

  setNull(row: number): void {
    this.#put(row, -1, 0)
  }

  finish(): Vector {
    throw new Error('places are no vector')
  }

  #put(row: number, start: number, packedEnd: number): void {
    const { cells, bases } = this.#scanner.table
    const cell = bases[this.#column]! + 2 * row
    cells[cell] = start
    cells[cell + 1] = packedEnd
  }
}

/** The block that tells the kernel about a table and the names of its columns. */
function controlOf(table: FieldTable, names: readonly string[], tables: Region): Int32Array {
  const { columnCount, cells, bases } = table
  const control = tables.int32(JSON_CONTROL.length).fill(0)
  const addresses = tables.int32(Math.max(1, columnCount))
  for (let i = 0; i < columnCount; i++) addresses[i] = cells.byteOffset + 4 * bases[i]!
  control[JSON_CONTROL.columnCount] = columnCount
  control[JSON_CONTROL.cells] = addresses.byteOffset
  control[JSON_CONTROL.rowStarts] = table.rowStarts.byteOffset
  control[JSON_CONTROL.rowEnds] = table.rowEnds.byteOffset
  control[JSON_CONTROL.seen] = tables.int32(Math.max(1, columnCount)).fill(0).byteOffset
  // The first two slots have no name.
  const known = new Map(names.map((name, column) => [name, column]))
  const maxSlots = 2 + known.size + OTHER_NAMES
  const slots = tables.int32(JSON_SLOT.words * maxSlots).fill(0)
  let slotCount = 0
  const add = (name: number, length: number, column: number): void => {
    const slot = JSON_SLOT.words * slotCount++
    slots[slot + JSON_SLOT.name] = name
    slots[slot + JSON_SLOT.length] = length
    slots[slot + JSON_SLOT.column] = column
  }
  add(0, -1, -1)
  add(0, -1, -1)
  for (const [name, column] of known) {
    const text = Buffer.from(`${name}":`)
    const place = tables.uint8(text.length)
    place.set(text)
    add(place.byteOffset, text.length, column)
  }
  control[JSON_CONTROL.slots] = slots.byteOffset
  control[JSON_CONTROL.slotCount] = slotCount
  control[JSON_CONTROL.maxSlots] = maxSlots
  const others = tables.uint8(OTHER_NAME_BYTES).byteOffset
  control[JSON_CONTROL.names] = others
  control[JSON_CONTROL.namesEnd] = others + OTHER_NAME_BYTES
  return control
}
