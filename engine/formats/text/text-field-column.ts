import { bytesVector, dictionaryVector, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import {
  copyTexts,
  DICTIONARY_CONTROL,
  decodeTexts,
  encodeTexts,
  FIELD_CONTROL,
  type TextFields,
  textBytes,
} from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import { type FieldColumn, fieldControl, type NullText } from './field-column.ts'

/** What a column of strings is made with. */
export interface TextFieldOptions {
  /** For messages. */
  readonly name: string
  readonly type: DataType
  /** Of a batch; of the whole reader. */
  readonly region: Region
  readonly tables: Region
  readonly nulls: NullText
  /** What a field of two quotes holds, if it is not NULL. */
  readonly emptyText: Uint8Array
  /** How escapes are undone: bytes of CSV, or those of JSON. */
  readonly escapes: { readonly quote: number; readonly escape: number } | 'json'
}

const MAX_ENTRIES = 4096
const SLOTS = 4 * MAX_ENTRIES
const MAX_ENTRY_BYTES = 128 << 10

/**
 * Smaller batches are not worth a dictionary; nor is one with so many entries a row after the first block.
 */
const MIN_DICTIONARY_ROWS = 1024
const MAX_FIRST_SHARE = 0.4

/** Most batches that are left without a dictionary after one had too many distinct texts. */
const MAX_PAUSE = 64

const MAX_TEXT_BYTES = 2 ** 31 - 1

/** Strings or binary: codes of a dictionary while texts repeat, else bytes one after the other. */
export class TextFieldColumn implements FieldColumn {
  readonly #options: TextFieldOptions
  readonly #control: Int32Array
  readonly #dictionary: Int32Array
  #capacity = 0
  #encodes = false
  #codes: Int32Array = new Int32Array(0)
  #offsets: Int32Array = new Int32Array(0)
  #entryOffsets: Int32Array = new Int32Array(0)
  #entryBytes: Uint8Array = new Uint8Array(0)
  #validity: Uint8Array = new Uint8Array(0)
  #out: Uint8Array = new Uint8Array(0)
  #used = 0
  /** Batches for which no dictionary is tried: how many are left, and how many the last time. */
  #pause = 0
  #lastPause = 0

  constructor(options: TextFieldOptions) {
    const { tables, nulls, emptyText, escapes } = options
    this.#options = options
    this.#control = fieldControl(nulls, tables)
    this.#dictionary = tables.int32(DICTIONARY_CONTROL.length)
    const empty = tables.uint8(emptyText.length)
    empty.set(emptyText)
    this.#control[FIELD_CONTROL.extra] = empty.byteOffset
    this.#control[FIELD_CONTROL.emptyLength] = empty.length
    this.#control[FIELD_CONTROL.quote] = escapes === 'json' ? -1 : Math.max(0, escapes.quote)
    this.#control[FIELD_CONTROL.escape] = escapes === 'json' ? -1 : escapes.escape
  }

  begin(capacity: number): void {
    const { region, type, emptyText } = this.#options
    this.#capacity = capacity
    this.#validity = region.bitmap(capacity, true)
    this.#control[FIELD_CONTROL.nullCount] = 0
    this.#used = 0
    this.#out = new Uint8Array(0)
    const mayRepeat = type.kind === 'string' && emptyText.length === 0 && capacity >= MIN_DICTIONARY_ROWS
    this.#encodes = mayRepeat && this.#pause === 0
    if (this.#pause > 0) this.#pause--
    if (this.#encodes) this.#beginDictionary()
    else this.#offsets = region.int32(capacity + 1)
  }

  append(block: TextFields): void {
    const { region } = this.#options
    const { count, first } = block
    if (!this.#encodes) {
      this.#copy(block)
      return
    }
    const target = { codes: this.#codes, validity: this.#validity, dictionary: this.#dictionary }
    const done = encodeTexts(region.pool, block, this.#control, target)
    const entries = this.#dictionary[DICTIONARY_CONTROL.entries]!
    const paysOff = done === count && (first > 0 || entries <= MAX_FIRST_SHARE * count || count < 256)
    if (paysOff) return
    this.#lastPause = Math.min(MAX_PAUSE, this.#lastPause * 2 + 1)
    this.#pause = this.#lastPause
    // A kernel begins at whole bytes of the validity: the rows that were done since are done again.
    const kept = done & ~7
    this.#forgetNulls(block, kept, done)
    this.#decode(first + kept)
    this.#copy({
      text: block.text,
      fields: block.fields.subarray(2 * kept),
      count: count - kept,
      first: first + kept,
    })
  }

  finish(rowCount: number): Vector {
    const { type, region } = this.#options
    const validity = this.#control[FIELD_CONTROL.nullCount]! > 0 ? this.#validity : null
    const entries = this.#encodes ? this.#dictionary[DICTIONARY_CONTROL.entries]! : 0
    if (this.#encodes && (rowCount < MIN_DICTIONARY_ROWS || entries === 0)) this.#decode(rowCount)
    if (!this.#encodes) {
      if (rowCount === 0) this.#offsets[0] = 0
      const offsets = this.#offsets.subarray(0, rowCount + 1)
      return bytesVector(type, rowCount, offsets, this.#out.subarray(0, this.#used), validity)
    }
    this.#lastPause = 0
    const offsets = region.int32(entries + 1)
    offsets.set(this.#entryOffsets.subarray(0, entries + 1))
    const bytes = this.#entryBytes.subarray(0, offsets[entries]!)
    const dictionary = bytesVector(type, entries, offsets, bytes)
    return dictionaryVector(rowCount, this.#codes.subarray(0, rowCount), dictionary, validity)
  }

  #beginDictionary(): void {
    const { region } = this.#options
    const slots = region.int32(SLOTS).fill(0)
    this.#codes = region.int32(this.#capacity)
    this.#entryOffsets = region.int32(MAX_ENTRIES + 1)
    this.#entryOffsets[0] = 0
    this.#entryBytes = region.uint8(MAX_ENTRY_BYTES)
    const dictionary = this.#dictionary
    dictionary[DICTIONARY_CONTROL.slots] = slots.byteOffset
    dictionary[DICTIONARY_CONTROL.slotMask] = SLOTS - 1
    dictionary[DICTIONARY_CONTROL.offsets] = this.#entryOffsets.byteOffset
    dictionary[DICTIONARY_CONTROL.bytes] = this.#entryBytes.byteOffset
    dictionary[DICTIONARY_CONTROL.maxEntries] = MAX_ENTRIES
    dictionary[DICTIONARY_CONTROL.maxBytes] = MAX_ENTRY_BYTES
    dictionary[DICTIONARY_CONTROL.entries] = 0
  }

  /** Puts rows [from, to) of a block back to how they were before they were encoded. */
  #forgetNulls({ first }: TextFields, from: number, to: number): void {
    for (let row = first + from; row < first + to; row++) {
      const at = row >> 3
      const bit = 1 << (row & 7)
      if ((this.#validity[at]! & bit) !== 0) continue
      this.#validity[at]! |= bit
      this.#control[FIELD_CONTROL.nullCount]!--
    }
  }

  /** Turns the codes of the first rows into texts. */
  #decode(rowCount: number): void {
    const { region } = this.#options
    this.#encodes = false
    this.#offsets = region.int32(this.#capacity + 1)
    this.#offsets[0] = 0
    const entries = this.#dictionary[DICTIONARY_CONTROL.entries]!
    let need = 0
    for (let row = 0; row < rowCount && entries > 0; row++) {
      const code = this.#codes[row]!
      need += this.#entryOffsets[code + 1]! - this.#entryOffsets[code]!
    }
    this.#reserve(need)
    const target = { offsets: this.#offsets, validity: this.#validity, out: this.#out }
    const source = { codes: this.#codes, dictionary: this.#dictionary }
    this.#used = decodeTexts(region.pool, rowCount, source, target)
  }

  #copy(block: TextFields): void {
    const { pool } = this.#options.region
    this.#reserve(textBytes(pool, block, this.#control))
    const target = { offsets: this.#offsets, validity: this.#validity, out: this.#out }
    this.#used = copyTexts(pool, block, this.#control, target, this.#used)
  }

  #reserve(bytes: number): void {
    const need = this.#used + bytes
    if (need <= this.#out.length && this.#out.length > 0) return
    if (need > MAX_TEXT_BYTES)
      throw new EngineError(
        'RESOURCES_EXHAUSTED',
        `a batch holds more than 2 GiB of text in column "${this.#options.name}"`,
      )
    const size = Math.min(MAX_TEXT_BYTES, Math.max(need, this.#out.length * 2, 4096))
    const larger = this.#options.region.uint8(size)
    larger.set(this.#out.subarray(0, this.#used))
    this.#out = larger
  }
}
