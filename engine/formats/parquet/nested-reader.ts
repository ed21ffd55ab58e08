import { nullVector, type Vector } from '../../batch/index.ts'
import { type HybridState, newHybridState } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { corrupt } from './corrupt-file.ts'
import { LevelBuffer, levelDecoder, SlotBits } from './levels.ts'
import type { PageCursor } from './page-cursor.ts'
import type { Target } from './target.ts'
import type { ValueDecoder } from './values.ts'

/** A leaf's part of a batch: its values in the slots of the innermost list, and the levels of all entries. */
export interface LeafData {
  readonly vector: Vector
  /** Entries: rows, NULLs, elements, empty lists. */
  readonly entryCount: number
  /** Empty for leaves that are no part of anything nested. */
  readonly definitions: Uint8Array
  /** Empty outside lists. */
  readonly repetitions: Uint8Array
}

/** Decodes the chunk of a leaf within structs, lists or maps, some rows at a time. */
export class NestedReader {
  readonly #cursor: PageCursor
  readonly #region: Region
  readonly #state: HybridState
  #values: ValueDecoder<Target> | null = null
  /** Entries of the open page that are not taken yet. */
  #left = 0
  /** Levels of the open page. */
  readonly #definitions: LevelBuffer
  readonly #repetitions: LevelBuffer
  #at = 0

  /** Levels lie in `region`, which must outlive the reader. */
  constructor(cursor: PageCursor, region: Region) {
    this.#cursor = cursor
    this.#region = region
    this.#state = newHybridState(region)
    this.#definitions = new LevelBuffer(region)
    this.#repetitions = new LevelBuffer(region)
  }

  /** The next `rowCount` rows, with their values in `region`. */
  read(rowCount: number, region: Region): LeafData {
    const { slotDefinition, maxDefinition, maxRepetition, type } = this.#cursor.leaf
    const target = this.#cursor.decoder.newTarget(rowCount, region, this.#cursor.place)
    const definitions = new LevelBuffer(region)
    const repetitions = new LevelBuffer(region)
    const there = new SlotBits(rowCount, region)
    for (let rows = 0; ; ) {
      // A row may go on in the next page, so the batch ends only where another row begins.
      if (this.#left === 0 && rows === rowCount && (maxRepetition === 0 || !this.#openPage())) break
      if (this.#left === 0) this.#start(this.#cursor.require(rowCount - rows))
      const start = this.#at
      rows += this.#takeRows(rowCount - rows, rows === 0)
      const end = this.#at
      if (end === start) break
      definitions.append(this.#definitions, start, end)
      if (maxRepetition > 0) repetitions.append(this.#repetitions, start, end)
      const { bytes } = this.#definitions
      const { slots, dense } = there.append(bytes, start, end, slotDefinition, maxDefinition)
      target.reserve(slots)
      this.#values!.read(dense, target)
      if (dense < slots) target.spread(dense, slots, there.bits)
    }
    const vector = type.kind === 'null' ? nullVector(target.length, region) : target.finish(there.bits)
    const { length: entryCount } = definitions
    return { vector, entryCount, definitions: definitions.bytes, repetitions: repetitions.bytes }
  }

  /**
   * Moves on over at most `limit` rows of the open page and the rest of one begun; gives how many began.
   */
  #takeRows(limit: number, isStart: boolean): number {
    const from = this.#at
    const end = from + this.#left
    if (this.#cursor.leaf.maxRepetition === 0) {
      const take = Math.min(limit, this.#left)
      this.#at += take
      this.#left -= take
      return take
    }
    const levels = this.#repetitions.bytes
    if (isStart && levels[from] !== 0) throw corrupt(this.#cursor.place, 'a column begins inside a row')
    let rows = 0
    let at = from
    for (; at < end; at++) {
      if (levels[at] !== 0) continue
      if (rows === limit) break
      rows++
    }
    this.#at = at
    this.#left = end - at
    return rows
  }

  #openPage(): boolean {
    const entryCount = this.#cursor.next()
    if (entryCount > 0) this.#start(entryCount)
    return entryCount > 0
  }

  #start(entryCount: number): void {
    const { maxDefinition, maxRepetition } = this.#cursor.leaf
    const { page, values } = this.#cursor.open()
    const { bytes, place } = page
    this.#left = entryCount
    this.#at = 0
    this.#values = values
    if (maxDefinition === 0) {
      this.#definitions.zero(entryCount)
      return
    }
    const { pool } = this.#region
    const definitions = levelDecoder(
      bytes,
      page.definition,
      page.definitionEncoding,
      maxDefinition,
      place,
      pool,
      this.#state,
    )
    this.#definitions.fill(definitions, entryCount, maxDefinition, place)
    if (maxRepetition === 0) return
    // All definition levels have been read, so their state is free.
    const repetitions = levelDecoder(
      bytes,
      page.repetition,
      page.repetitionEncoding,
      maxRepetition,
      place,
      pool,
      this.#state,
    )
    this.#repetitions.fill(repetitions, entryCount, maxRepetition, place)
  }
}
