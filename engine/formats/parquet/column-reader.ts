import { nullVector, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { corrupt } from './corrupt-file.ts'
import { ENCODING } from './format.ts'
import { LevelBuffer, type LevelDecoder, levelDecoder, SlotBits } from './levels.ts'
import type { ChunkMetadata } from './metadata.ts'
import { type DataPage, PageReader, type Segment } from './page.ts'
import { PageDecoder, valuesOf } from './page-decoder.ts'
import type { Leaf } from './schema.ts'
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

const NO_LEVELS = new Uint8Array(0)

/** Decodes the chunk of one leaf, some rows at a time. */
export class ColumnReader {
  readonly #leaf: Leaf
  readonly #isFlat: boolean
  readonly #pages: PageReader
  readonly #decoder: PageDecoder
  #values: ValueDecoder<Target> | null = null
  /** Entries of the open page that are not taken yet. */
  #left = 0
  /** Definition levels as bits, for leaves that are NULL or there. */
  #levels: LevelDecoder | null = null
  /** Levels of the open page, for nested leaves. */
  readonly #definitions: LevelBuffer
  readonly #repetitions: LevelBuffer
  #cursor = 0

  /** Dictionaries lie in `region`, which must outlive all batches; `passing` is reset at will. */
  constructor(
    segments: readonly Segment[],
    leaf: Leaf,
    chunk: ChunkMetadata,
    path: string,
    region: Region,
    passing: Region,
  ) {
    this.#leaf = leaf
    this.#isFlat = leaf.path.length === 1 && leaf.maxRepetition === 0
    this.#pages = new PageReader(segments, leaf, chunk, path, region)
    this.#decoder = new PageDecoder(leaf, region, passing)
    this.#definitions = new LevelBuffer(region)
    this.#repetitions = new LevelBuffer(region)
  }

  /** The next `rowCount` rows, with their values in `region`. */
  read(rowCount: number, region: Region): LeafData {
    return this.#isFlat ? this.#readFlat(rowCount, region) : this.#readNested(rowCount, region)
  }

  /** Columns that are NULL or there: definition levels are their validity as they stand. */
  #readFlat(rowCount: number, region: Region): LeafData {
    const validity = this.#leaf.maxDefinition === 1 ? region.bitmap(rowCount) : null
    const target = this.#decoder.newTarget(rowCount, region, this.#pages.place)
    for (let row = 0; row < rowCount; ) {
      while (this.#left === 0) this.#openNext(rowCount - row)
      const take = Math.min(this.#left, rowCount - row)
      const dense = validity === null ? take : this.#levels!.readBits(validity, row, take)
      this.#values!.read(dense, target)
      if (dense < take) target.spread(dense, take, validity!)
      row += take
      this.#left -= take
    }
    const vector = this.#finish(target, validity, region)
    return { vector, entryCount: rowCount, definitions: NO_LEVELS, repetitions: NO_LEVELS }
  }

  #readNested(rowCount: number, region: Region): LeafData {
    const { slotDefinition, maxDefinition, maxRepetition } = this.#leaf
    const target = this.#decoder.newTarget(rowCount, region, this.#pages.place)
    const definitions = new LevelBuffer(region)
    const repetitions = new LevelBuffer(region)
    const there = new SlotBits(rowCount, region)
    for (let rows = 0; ; ) {
      // A row may go on in the next page, so the batch ends only where another row begins.
      if (this.#left === 0 && rows === rowCount && (maxRepetition === 0 || !this.#openPage())) break
      while (this.#left === 0) this.#openNext(rowCount - rows)
      const start = this.#cursor
      const cut = this.#takeRows(rowCount - rows, rows === 0)
      rows += cut
      const end = this.#cursor
      if (end === start) break
      definitions.append(this.#definitions, start, end)
      if (maxRepetition > 0) repetitions.append(this.#repetitions, start, end)
      const { slots, dense } = there.append(
        this.#definitions.bytes,
        start,
        end,
        slotDefinition,
        maxDefinition,
      )
      target.reserve(slots)
      this.#values!.read(dense, target)
      if (dense < slots) target.spread(dense, slots, there.bits)
    }
    const vector = this.#finish(target, there.bits, region)
    return {
      vector,
      entryCount: definitions.length,
      definitions: definitions.bytes,
      repetitions: repetitions.bytes,
    }
  }

  /**
   * Moves the cursor over at most `limit` rows of the open page and the rest of one begun; gives how many
   * began.
   */
  #takeRows(limit: number, isStart: boolean): number {
    const from = this.#cursor
    const end = from + this.#left
    if (this.#leaf.maxRepetition === 0) {
      const take = Math.min(limit, this.#left)
      this.#cursor += take
      this.#left -= take
      return take
    }
    const levels = this.#repetitions.bytes
    if (isStart && levels[from] !== 0) throw corrupt(this.#pages.place, 'a column begins inside a row')
    let rows = 0
    let at = from
    for (; at < end; at++) {
      if (levels[at] !== 0) continue
      if (rows === limit) break
      rows++
    }
    this.#cursor = at
    this.#left = end - at
    return rows
  }

  #finish(target: Target, validity: Uint8Array | null, region: Region): Vector {
    return this.#leaf.type.kind === 'null' ? nullVector(target.length, region) : target.finish(validity)
  }

  /** Opens the next page; CORRUPT_FILE if there is none though `wanted` rows are missing. */
  #openNext(wanted: number): void {
    if (!this.#openPage())
      throw corrupt(this.#pages.place, `column "${this.#leaf.path.join('.')}" ends ${wanted} rows too early`)
  }

  /** Opens the next data page that is not empty, and the dictionary before it; false at the end. */
  #openPage(): boolean {
    for (;;) {
      const page = this.#pages.next()
      if (page === null) return false
      if (page.kind === 'dictionary') {
        const { encoding } = page.header.dictionary!
        if (encoding !== ENCODING.PLAIN && encoding !== ENCODING.PLAIN_DICTIONARY)
          throw corrupt(page.place, `a dictionary has the encoding ${encoding}`)
        this.#decoder.readDictionary(this.#pages.openDictionary(page), page.entryCount, page.place)
      } else if (page.entryCount > 0) {
        this.#start(this.#pages.openData(page))
        return true
      }
    }
  }

  #start(page: DataPage): void {
    const { maxDefinition, maxRepetition } = this.#leaf
    const { bytes, place, entryCount } = page
    this.#left = entryCount
    this.#cursor = 0
    this.#values = this.#decoder.decoder(valuesOf(page))
    if (maxDefinition === 0) {
      if (!this.#isFlat) this.#definitions.zero(entryCount)
      return
    }
    const levels = levelDecoder(bytes, page.definition, page.definitionEncoding, maxDefinition, place)
    if (this.#isFlat) {
      this.#levels = levels
      return
    }
    this.#definitions.fill(levels, entryCount, maxDefinition, place)
    if (maxRepetition === 0) return
    const repetitions = levelDecoder(bytes, page.repetition, page.repetitionEncoding, maxRepetition, place)
    this.#repetitions.fill(repetitions, entryCount, maxRepetition, place)
  }
}
