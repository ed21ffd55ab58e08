import { type FlatVector, getBit, nullVector, setBit, type Vector } from '../../batch/index.ts'
import { type HybridState, newHybridState, type WantedRows } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { CodesTarget } from './codes-target.ts'
import { type LevelDecoder, levelDecoder } from './levels.ts'
import type { PageCursor } from './page-cursor.ts'
import type { Target } from './target.ts'
import type { ValueDecoder } from './values.ts'

/** Decodes the chunk of a column that is no part of anything nested, some rows at a time. */
export class FlatReader {
  readonly #cursor: PageCursor
  readonly #region: Region
  readonly #state: HybridState | null
  /** Rows of the current page that are not taken yet. */
  #left = 0
  #values: ValueDecoder<Target> | null = null
  #dictionary: { readonly vector: FlatVector | null } | null = null
  /** Definition levels of the open page, which are validity as they stand; null without NULLs. */
  #levels: LevelDecoder | null = null

  /** State that lives as long as the reader lies in `region`. */
  constructor(cursor: PageCursor, region: Region) {
    this.#cursor = cursor
    this.#region = region
    this.#state = cursor.leaf.maxDefinition === 1 ? newHybridState(region) : null
  }

  /** The chunk's dictionary, if all its pages are codes of it and it has few entries for them; else null. */
  get dictionary(): FlatVector | null {
    this.#dictionary ??= { vector: this.#cursor.dictionary() }
    return this.#dictionary.vector
  }

  /**
   * The next `rowCount` rows, with their values in `region`. With `asCodes`, those of a chunk with a
   * `dictionary` are its codes.
   */
  read(rowCount: number, region: Region, asCodes = false): Vector {
    const validity = this.#newValidity(rowCount, region)
    const target = this.#newTarget(rowCount, region, asCodes)
    for (let row = 0; row < rowCount; ) {
      const take = this.#reach(rowCount - row)
      this.#open()
      this.#readInto(take, target, validity)
      row += take
    }
    return this.#finish(target, validity, region)
  }

  /**
   * Of the next `rowCount` rows those at `rows[0 .. wantedCount)`, which ascend. Pages without a wanted row
   * stay as they are in the file; of the others only wanted values are copied where the encoding allows it.
   */
  readAt(rowCount: number, rows: Int32Array, wantedCount: number, region: Region, asCodes = false): Vector {
    const validity = this.#newValidity(wantedCount, region)
    const target = this.#newTarget(wantedCount, region, asCodes)
    for (let row = 0, next = 0; row < rowCount; ) {
      const take = this.#reach(rowCount - row)
      const end = lowerBound(rows, next, wantedCount, row + take)
      if (end === next) this.#passOver(take, region)
      else this.#readWanted(row, take, { rows, from: next, to: end }, target, validity, region)
      row += take
      next = end
    }
    return this.#finish(target, validity, region)
  }

  /** Passes over `rowCount` rows; `region` is for scratch. */
  skip(rowCount: number, region: Region): void {
    for (let row = 0; row < rowCount; ) {
      const take = this.#reach(rowCount - row)
      this.#passOver(take, region)
      row += take
    }
  }

  #readWanted(
    base: number,
    count: number,
    wanted: WantedRows,
    target: Target,
    validity: Uint8Array | null,
    region: Region,
  ): void {
    this.#open()
    const values = this.#values!
    this.#left -= count
    const first = target.length
    const there = validity === null ? null : region.bitmap(count)
    const dense = there === null ? count : this.#levels!.readBits(there, 0, count)
    if (dense === count && values.readAt !== undefined) values.readAt(base, count, wanted, target)
    else {
      const all = this.#newTarget(count, region, target instanceof CodesTarget)
      values.read(dense, all)
      if (dense < count) all.spread(dense, count, there!)
      target.appendRows(all, base, wanted)
    }
    if (validity === null) return
    for (let i = wanted.from; i < wanted.to; i++)
      if (getBit(there!, wanted.rows[i]! - base)) setBit(validity, first + i - wanted.from)
  }

  #readInto(count: number, target: Target, validity: Uint8Array | null): void {
    const dense = validity === null ? count : this.#levels!.readBits(validity, target.length, count)
    this.#values!.read(dense, target)
    if (dense < count) target.spread(dense, count, validity!)
    this.#left -= count
  }

  #passOver(count: number, region: Region): void {
    if (this.#values === null && count === this.#left) {
      this.#left = 0
      return
    }
    this.#open()
    this.#left -= count
    const values = this.#values!
    const dense = this.#levels === null ? count : this.#levels.readBits(region.bitmap(count), 0, count)
    if (values.skip !== undefined) values.skip(dense)
    else values.read(dense, this.#newTarget(dense, region))
  }

  /** Stands at a page with rows left; gives how many of `wanted` it has. */
  #reach(wanted: number): number {
    if (this.#left === 0) {
      this.#values = null
      this.#left = this.#cursor.require(wanted)
    }
    return Math.min(this.#left, wanted)
  }

  #open(): void {
    if (this.#values !== null) return
    const { page, values } = this.#cursor.open()
    this.#values = values
    if (this.#state === null) return
    const { bytes, definition, definitionEncoding, place } = page
    const { pool } = this.#region
    this.#levels = levelDecoder(bytes, definition, definitionEncoding, 1, place, pool, this.#state)
  }

  #newValidity(rowCount: number, region: Region): Uint8Array | null {
    return this.#state === null ? null : region.bitmap(rowCount)
  }

  #newTarget(capacity: number, region: Region, asCodes = false): Target {
    const dictionary = asCodes ? this.dictionary : null
    // Strings stay codes in any case.
    if (dictionary?.encoding === 'fixed') return new CodesTarget(dictionary, capacity, region)
    return this.#cursor.decoder.newTarget(capacity, region, this.#cursor.place)
  }

  #finish(target: Target, validity: Uint8Array | null, region: Region): Vector {
    return this.#cursor.leaf.type.kind === 'null'
      ? nullVector(target.length, region)
      : target.finish(validity)
  }
}

/** The first index from `from` on whose row is not below `limit`. */
function lowerBound(rows: Int32Array, from: number, count: number, limit: number): number {
  let low = from
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rows[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
