import { EngineError } from '../errors.ts'
import { CRC32C_TABLE_BYTES, crc32c, fillCrc32cTables } from '../kernels/index.ts'
import type { MemoryPool, Region, SpillExtent, SpillFile } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import type { FlatVector, RecordBatch } from './vector.ts'
import { encodeBatch, TypeTable } from './wire.ts'
import { decodeBatch } from './wire-reader.ts'

/** A batch in a spill file. */
export interface SpilledBatch extends SpillExtent {
  readonly rowCount: number
}

/** What is needed to read batches of a spill file again, also in another thread. Plain data. */
export interface SpillTables {
  readonly path: string
  readonly types: readonly DataType[]
  readonly dictionaries: readonly SpillExtent[]
}

/**
 * Writes batches into a spill file, dictionaries once. Call `free` at the end, or `close` to keep the file.
 */
export class SpillWriter {
  readonly file: SpillFile
  readonly #scratch: Region
  readonly #types = new TypeTable()
  readonly #dictionaryIds = new Map<FlatVector, number>()
  readonly #dictionaries: SpillExtent[] = []
  readonly #onWrite: (bytes: number) => void
  /** What a reader needs; it grows with what is written. */
  readonly tables: SpillTables
  #depth = 0

  constructor(file: SpillFile, scratch: Region, onWrite: (bytes: number) => void) {
    this.file = file
    this.#scratch = scratch
    this.#onWrite = onWrite
    this.tables = { path: file.path, types: this.#types.types, dictionaries: this.#dictionaries }
  }

  /** Writes a batch; its memory is not needed any more. */
  write(batch: RecordBatch): SpilledBatch {
    return { ...this.#frame(batch), rowCount: batch.rowCount }
  }

  /** Writes a dictionary of batches to come, if it is new; its memory is not needed any more. */
  keep(dictionary: FlatVector): void {
    this.#dictionaryId(dictionary)
  }

  /** Keeps the file for readers in other threads. */
  close(): void {
    this.#scratch.free()
    this.file.close()
  }

  /** Removes the file. */
  free(): void {
    this.#scratch.free()
    this.file.remove()
  }

  #frame(batch: RecordBatch): SpillExtent {
    // A dictionary may be met in the middle of a batch, whose scratch is then still needed.
    if (this.#depth++ === 0) this.#scratch.reset()
    const tables = {
      typeId: (type: DataType) => this.#types.idOf(type),
      dictionaryId: (dictionary: FlatVector) => this.#dictionaryId(dictionary),
    }
    const pieces = encodeBatch(batch, tables, this.#scratch)
    this.#depth--
    const extent = this.file.append(pieces)
    this.#onWrite(extent.bytes)
    return extent
  }

  #dictionaryId(dictionary: FlatVector): number {
    let id = this.#dictionaryIds.get(dictionary)
    if (id !== undefined) return id
    const extent = this.#frame({ rowCount: dictionary.length, columns: [dictionary] })
    id = this.#dictionaries.push(extent) - 1
    this.#dictionaryIds.set(dictionary, id)
    return id
  }
}

interface LoadedDictionary {
  readonly vector: FlatVector
  readonly region: Region
  /** The last batch that needed it. */
  usedBy: number
}

/** Dictionaries that a reader keeps beyond the batch that needs them, at most. */
const KEPT_DICTIONARY_BYTES = 4 << 20

/** Reads batches of a spill file in any order. Call `free` at the end; the file stays. */
export class SpillReader {
  readonly #file: SpillFile
  readonly #ownsFile: boolean
  readonly #tables: SpillTables
  readonly #createRegion: () => Region
  readonly #dictionaries = new Map<number, LoadedDictionary>()
  #dictionaryBytes = 0
  #batchNumber = 0
  /** Tables for checksums, once an extent has one. */
  #checks: { readonly region: Region; readonly tables: Uint8Array } | null = null

  /** Reads from `file`, or opens the one that the tables name. */
  constructor(pool: MemoryPool, tables: SpillTables, createRegion: () => Region, file?: SpillFile) {
    this.#ownsFile = file === undefined
    this.#file = file ?? pool.spill.openFile(tables.path)
    this.#tables = tables
    this.#createRegion = createRegion
  }

  /**
   * A batch, in `region`; its dictionaries are valid until the next read. BLOCK_CORRUPT, with the file as its
   * position, where bytes have another checksum than when they were written.
   */
  read(extent: SpillExtent, region: Region): RecordBatch {
    this.#batchNumber++
    if (this.#dictionaryBytes > KEPT_DICTIONARY_BYTES) this.#dropDictionaries()
    return this.#frame(extent, region)
  }

  free(): void {
    for (const { region } of this.#dictionaries.values()) region.free()
    this.#dictionaries.clear()
    this.#checks?.region.free()
    this.#checks = null
    if (this.#ownsFile) this.#file.close()
  }

  #frame({ offset, bytes, checksum }: SpillExtent, region: Region): RecordBatch {
    const frame = region.uint8(bytes)
    this.#file.read(frame, offset)
    if (checksum !== undefined && checksum !== this.#checksum(frame)) {
      const { path: file } = this.#tables
      throw new EngineError('BLOCK_CORRUPT', `rows of "${file}" have another checksum than when written`, {
        position: { file, offset },
      })
    }
    const lookup = {
      type: (id: number) => this.#tables.types[id],
      dictionary: (id: number) => this.#dictionary(id),
    }
    return decodeBatch(frame, lookup, region)
  }

  #checksum(frame: Uint8Array): number {
    if (this.#checks === null) {
      const region = this.#createRegion()
      this.#checks = { region, tables: region.uint8(CRC32C_TABLE_BYTES) }
      fillCrc32cTables(region.pool, this.#checks.tables)
    }
    const { region, tables } = this.#checks
    return crc32c(region.pool, frame, tables)
  }

  #dictionary(id: number): FlatVector | undefined {
    let loaded = this.#dictionaries.get(id)
    if (loaded === undefined) {
      const extent = this.#tables.dictionaries[id]
      if (extent === undefined) return undefined
      const region = this.#createRegion()
      const vector = this.#frame(extent, region).columns[0] as FlatVector
      loaded = { vector, region, usedBy: this.#batchNumber }
      this.#dictionaries.set(id, loaded)
      this.#dictionaryBytes += region.heldBytes
    }
    loaded.usedBy = this.#batchNumber
    return loaded.vector
  }

  /** Those that the batch read last did not need either. */
  #dropDictionaries(): void {
    for (const [id, { region, usedBy }] of this.#dictionaries) {
      if (usedBy >= this.#batchNumber - 1) continue
      this.#dictionaryBytes -= region.heldBytes
      region.free()
      this.#dictionaries.delete(id)
    }
  }
}
