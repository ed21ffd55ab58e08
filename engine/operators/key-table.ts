import { EngineError } from '../errors.ts'
import { KEY_TABLE, type KeyTableKernels, keyTableKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'

/** Slots of a new table; at most half of them are used. */
const FIRST_SLOTS = 128

/** Most bytes of all distinct strings: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

/**
 * Distinct keys in the arena, numbered 0, 1, 2 … in order of arrival: the owner of the memory that the
 * kernels of assembly/key-table.ts work on. It lies behind one address, so that another thread may look keys
 * up in it.
 */
class KeyTable {
  /** The 64 bytes that the kernels know it by. */
  readonly fields: Uint32Array
  protected readonly region: Region
  protected readonly kernels: KeyTableKernels
  readonly #keys: GrowingBuffer
  readonly #keyBytes: number
  readonly #slotBytes: number
  readonly #move: KeyTableKernels['moveHashed']

  constructor(region: Region, keyBytes: number, slotBytes: number, move: keyof typeof MOVES) {
    this.region = region
    this.kernels = keyTableKernels(region.pool)
    this.fields = new Uint32Array(region.pool.buffer, region.allocate(64), 16).fill(0)
    this.fields[KEY_TABLE.stride] = keyBytes
    this.#keys = new GrowingBuffer(region)
    this.#keyBytes = keyBytes
    this.#slotBytes = slotBytes
    this.#move = this.kernels[MOVES[move]]
    this.#useSlots(this.#emptySlots(FIRST_SLOTS), FIRST_SLOTS)
  }

  /** Number of keys. */
  get size(): number {
    return this.fields[KEY_TABLE.size]!
  }

  /** Where the keys lie, one after the other. */
  get keys(): number {
    return this.#keys.address
  }

  /** A number that no key finds (for NULL); its key is zeros. */
  reserveOne(): number {
    const { size } = this
    if (size === this.fields[KEY_TABLE.limit]) this.grow()
    const at = this.keys + size * this.#keyBytes
    this.region.pool.bytes.fill(0, at, at + this.#keyBytes)
    this.fields[KEY_TABLE.size] = size + 1
    return size
  }

  /** More slots: four times while they are few, since memory is then no concern. */
  protected grow(): void {
    const [old, count] = [this.fields[KEY_TABLE.slots]!, this.fields[KEY_TABLE.mask]! + 1]
    const larger = count < 1 << 16 ? count * 4 : count * 2
    const slots = this.#emptySlots(larger)
    this.#move(old, count, slots, larger - 1)
    this.region.giveBack(old)
    this.#useSlots(slots, larger)
  }

  #emptySlots(count: number): number {
    const slots = this.region.allocateGrowing(count * this.#slotBytes)
    // Filling bytes of shared memory goes byte by byte: words take a tenth of the time.
    new BigInt64Array(this.region.pool.buffer, slots, (count * this.#slotBytes) / 8).fill(0n)
    return slots
  }

  #useSlots(slots: number, count: number): void {
    const limit = count / 2
    this.fields[KEY_TABLE.slots] = slots
    this.fields[KEY_TABLE.mask] = count - 1
    this.fields[KEY_TABLE.limit] = limit
    this.fields[KEY_TABLE.keys] = this.#keys.reserve(limit * this.#keyBytes, this.size * this.#keyBytes)
  }
}

const MOVES = { int32: 'moveKeys32', int64: 'moveKeys64', hashed: 'moveHashed' } as const

/** Distinct keys of one width: 4 bytes, 8, or any greater multiple of 8. Keys are equal if their bits are. */
export class FixedKeyTable extends KeyTable {
  readonly #insert: KeyTableKernels['insertRows']
  readonly #find: KeyTableKernels['findRows']

  constructor(region: Region, keyBytes: number) {
    if (keyBytes === 4) super(region, 4, 8, 'int32')
    else if (keyBytes === 8) super(region, 8, 16, 'int64')
    else super(region, keyBytes, 8, 'hashed')
    const { kernels } = this
    this.#insert =
      keyBytes === 4 ? kernels.insertKeys32 : keyBytes === 8 ? kernels.insertKeys64 : kernels.insertRows
    this.#find = keyBytes === 4 ? kernels.findKeys32 : keyBytes === 8 ? kernels.findKeys64 : kernels.findRows
  }

  /**
   * The number of each key, new ones getting the next in the order of rows. `keys`: their address. With
   * `masked`, rows where `out` is negative keep that.
   */
  insert(keys: number, rowCount: number, out: Int32Array, masked: boolean): void {
    let row = 0
    for (;;) {
      row = this.#insert(this.fields.byteOffset, keys, row, rowCount, out.byteOffset, masked ? 1 : 0)
      if (row >= rowCount) return
      this.grow()
    }
  }

  /** The number of each key, -1 where it is not there. `masked`: see insert. */
  find(keys: number, rowCount: number, out: Int32Array, masked: boolean): void {
    this.#find(this.fields.byteOffset, keys, rowCount, out.byteOffset, masked ? 1 : 0)
  }
}

/** Distinct byte strings. */
export class StringKeyTable extends KeyTable {
  readonly #bytes: GrowingBuffer
  readonly #offsets: GrowingBuffer

  constructor(region: Region) {
    super(region, 16, 8, 'hashed')
    this.#bytes = new GrowingBuffer(region)
    this.#offsets = new GrowingBuffer(region)
    this.#useBuffers(1024)
    this.offsets[0] = 0
  }

  /** String n is bytes [offsets[n], offsets[n + 1]). */
  get offsets(): Int32Array {
    return this.#offsets.int32(this.size + 1)
  }

  /** The bytes of all strings. */
  get bytes(): Uint8Array {
    return this.#bytes.uint8(this.fields[KEY_TABLE.bytesUsed]!)
  }

  /** See FixedKeyTable; strings as offsets and bytes of the arena. */
  insert(offsets: Int32Array, bytes: number, rowCount: number, out: Int32Array, masked: boolean): void {
    const mask = masked ? 1 : 0
    let row = 0
    for (;;) {
      const table = this.fields.byteOffset
      row = this.kernels.insertStrings(table, offsets.byteOffset, bytes, row, rowCount, out.byteOffset, mask)
      if (row >= rowCount) return
      if (this.size === this.fields[KEY_TABLE.limit]) this.grow()
      this.#useBuffers(this.fields[KEY_TABLE.bytesUsed]! + offsets[row + 1]! - offsets[row]!)
    }
  }

  /** See FixedKeyTable. */
  find(offsets: Int32Array, bytes: number, rowCount: number, out: Int32Array, masked: boolean): void {
    const table = this.fields.byteOffset
    this.kernels.findStrings(table, offsets.byteOffset, bytes, rowCount, out.byteOffset, masked ? 1 : 0)
  }

  override reserveOne(): number {
    const number = super.reserveOne()
    this.#useBuffers(0)
    const end = this.fields[KEY_TABLE.bytesUsed]!
    this.#offsets.int32(number + 2)[number + 1] = end
    return number
  }

  /** Room for `byteCount` bytes of strings, and for as many offsets as there may be keys. */
  #useBuffers(byteCount: number): void {
    if (byteCount > MAX_BYTES)
      throw new EngineError('RESOURCES_EXHAUSTED', 'distinct keys hold more than 2 GiB of text')
    const { fields } = this
    fields[KEY_TABLE.bytes] = this.#bytes.reserve(byteCount, fields[KEY_TABLE.bytesUsed]!)
    fields[KEY_TABLE.bytesCapacity] = Math.min(this.#bytes.capacity, MAX_BYTES)
    const limit = fields[KEY_TABLE.limit]!
    fields[KEY_TABLE.offsets] = this.#offsets.reserve((limit + 1) * 4, (this.size + 1) * 4)
  }
}
