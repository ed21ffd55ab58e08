import { type BytesVector, type FixedArray, type FlatVector, fixedVector } from '../../batch/index.ts'
import {
  DeltaDecoder,
  type DeltaState,
  type HybridDecoder,
  type HybridState,
  newDeltaState,
  newHybridState,
} from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { CodesDecoder, FixedBytesDecoder, PlainBytes, UuidDecoder } from './byte-values.ts'
import { BytesTarget } from './bytes-target.ts'
import { corrupt, type Place } from './corrupt-file.ts'
import { SplitValues } from './encoding/byte-stream-split.ts'
import { DeltaBytes, DeltaLengthBytes } from './encoding/delta-bytes.ts'
import { convertOf, lanesOfLeaf, storedBytes } from './encoding/plain.ts'
import { rleDecoder } from './encoding/rle.ts'
import { ENCODING } from './format.ts'
import { type DataPage, readUint32 } from './page.ts'
import type { Leaf } from './schema.ts'
import { Scratch } from './scratch.ts'
import { DeltaValues, PlainValues, ValuesOfBytes } from './stored-values.ts'
import { BitTarget, FixedTarget, type Target } from './target.ts'
import {
  ConvertingDecoder,
  CopyingDecoder,
  DecimalBytesDecoder,
  DictionaryDecoder,
  PlainBits,
  RleBits,
  type StoredBytes,
  type StoredValues,
  type ValueDecoder,
  wrongEncoding,
} from './values.ts'

/** The entries of a chunk's dictionary page, converted. */
export interface Dictionary {
  readonly size: number
  /** Numbers. */
  readonly values: FixedArray | null
  /** Strings and binary. */
  readonly vector: BytesVector | null
}

/** Where the values of a page lie. */
export interface PageValues {
  readonly encoding: number
  readonly bytes: Uint8Array
  readonly from: number
  readonly end: number
  /** Most values there can be. */
  readonly count: number
  readonly place: Place
}

/** Knows how the values of one leaf are decoded. */
export class PageDecoder {
  readonly #leaf: Leaf
  readonly #region: Region
  readonly #scratch: Scratch
  readonly #secondScratch: Scratch
  readonly #passing: Region
  readonly #state: HybridState
  #deltaState: DeltaState | null = null
  readonly #form: 'fixed' | 'bits' | 'bytes'
  dictionary: Dictionary | null = null

  /** Scratch and dictionary come from `region`; `passing` may be reset with each call. */
  constructor(leaf: Leaf, region: Region, passing: Region) {
    this.#leaf = leaf
    this.#region = region
    this.#scratch = new Scratch(region)
    this.#secondScratch = new Scratch(region)
    this.#passing = passing
    this.#state = newHybridState(region)
    const { conversion } = leaf
    this.#form =
      conversion === 'bits' ? 'bits' : conversion === 'bytes' || conversion === 'uuid' ? 'bytes' : 'fixed'
  }

  /** An empty target for about `capacity` rows. */
  newTarget(capacity: number, region: Region, place: Place): Target {
    const { conversion, type, physical } = this.#leaf
    if (this.#form === 'bits') return new BitTarget(type, capacity, region)
    if (this.#form === 'bytes') return new BytesTarget(type, capacity, region, place)
    // A column of type null has no values, whatever it is stored as.
    const stored = type.kind === 'null' && conversion === 'copy' ? NULL_STORAGE[physical] : undefined
    return new FixedTarget(stored ?? type, lanesOfLeaf(this.#leaf), capacity, region)
  }

  /** Decodes the dictionary page, whose bytes it may keep. */
  readDictionary(bytes: Uint8Array, size: number, place: Place): void {
    if (this.dictionary !== null) throw corrupt(place, 'a column has two dictionaries')
    if (size > bytes.length)
      throw corrupt(place, `a dictionary of ${bytes.length} bytes cannot have ${size} entries`)
    const values = this.#valuesInPlace(bytes, size, place)
    if (values !== null) {
      this.dictionary = { size, values, vector: null }
      return
    }
    const page = { encoding: ENCODING.PLAIN, bytes, from: 0, end: bytes.length, count: size, place }
    const target = this.newTarget(Math.min(size, bytes.length + 1), this.#region, place)
    target.reserve(size)
    this.decoder(page).read(size, target)
    if (target instanceof FixedTarget) this.dictionary = { size, values: target.values, vector: null }
    else this.dictionary = { size, values: null, vector: target.finish(null) as BytesVector }
  }

  /** The entries of a dictionary page whose bytes are numbers as we hold them, else null. */
  #valuesInPlace(bytes: Uint8Array, size: number, place: Place): FixedArray | null {
    if (this.#leaf.conversion !== 'copy') return null
    const { values } = this.newTarget(0, this.#region, place) as FixedTarget
    const width = values.BYTES_PER_ELEMENT
    if (bytes.byteOffset % width !== 0) return null
    if (size * width > bytes.length) throw corrupt(place, 'values are cut off')
    const View = values.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => FixedArray
    return new View(bytes.buffer, bytes.byteOffset, size)
  }

  /** The dictionary, if it was read, has at most `maxSize` entries, and numbers in it have one lane. */
  dictionaryVector(maxSize: number): FlatVector | null {
    const { type } = this.#leaf
    if (this.dictionary === null || this.dictionary.size > maxSize || type.kind === 'null') return null
    const { size, values, vector } = this.dictionary
    if (values === null) return vector
    return lanesOfLeaf(this.#leaf) === 1 ? fixedVector(type, size, values.subarray(0, size), null) : null
  }

  /** The decoder of a page's values. */
  decoder(page: PageValues): ValueDecoder<Target> {
    if (this.#form === 'bits') return this.#bits(page) as ValueDecoder<Target>
    if (this.#form === 'bytes') return this.#bytes(page) as ValueDecoder<Target>
    return this.#fixed(page) as ValueDecoder<Target>
  }

  #fixed(page: PageValues): ValueDecoder<FixedTarget> {
    const { place } = page
    const leaf = this.#leaf
    const codes = this.#codes(page)
    if (codes !== null) {
      const { values, size } = this.dictionary!
      return new DictionaryDecoder(codes, values!, size)
    }
    if (leaf.physical === 'BYTE_ARRAY') {
      return new DecimalBytesDecoder(this.#region.pool, this.#storedBytes(page), this.#newBytes(place))
    }
    const Decoder = leaf.conversion === 'copy' ? CopyingDecoder : ConvertingDecoder
    return new Decoder(this.#storedValues(page), convertOf(leaf, lanesOfLeaf(leaf), this.#region.pool))
  }

  #bytes(page: PageValues): ValueDecoder<BytesTarget> {
    const codes = this.#codes(page)
    if (codes !== null) return new CodesDecoder(codes, this.dictionary!.vector!, this.#passing)
    const { physical, conversion, typeLength } = this.#leaf
    if (physical === 'BYTE_ARRAY') return this.#storedBytes(page)
    const stored = this.#storedValues(page)
    return conversion === 'uuid' ? new UuidDecoder(stored) : new FixedBytesDecoder(stored, typeLength)
  }

  #bits({ encoding, bytes, from, end, place }: PageValues): ValueDecoder<BitTarget> {
    if (encoding === ENCODING.PLAIN) return new PlainBits(this.#region.pool, bytes, from, end, place)
    if (encoding !== ENCODING.RLE) throw wrongEncoding(encoding, 'BOOLEAN', place)
    if (from + 4 > end) throw corrupt(place, 'values are cut off')
    const length = readUint32(bytes, from)
    if (length > end - from - 4) throw corrupt(place, `runs of ${length} bytes do not fit into their page`)
    return new RleBits(this.#runs(bytes, from + 4, from + 4 + length, 1, place))
  }

  /** The codes of a page that has such, else null. */
  #codes({ encoding, bytes, from, end, place }: PageValues): HybridDecoder | null {
    if (encoding !== ENCODING.PLAIN_DICTIONARY && encoding !== ENCODING.RLE_DICTIONARY) return null
    if (this.dictionary === null) throw corrupt(place, 'a page needs a dictionary that its column lacks')
    // A page of NULLs only may leave out even the width.
    const width = from < end ? bytes[from]! : 0
    if (width > 32) throw corrupt(place, `codes of ${width} bits`)
    return this.#runs(bytes, Math.min(from + 1, end), end, width, place)
  }

  #runs(bytes: Uint8Array, from: number, end: number, width: number, place: Place): HybridDecoder {
    return rleDecoder(this.#region.pool, this.#state, bytes, from, end, width, place)
  }

  #storedValues(page: PageValues): StoredValues {
    const { encoding, bytes, from, end, place } = page
    const leaf = this.#leaf
    const width = storedBytes(leaf)
    switch (encoding) {
      case ENCODING.PLAIN:
        return new PlainValues(bytes, from, end, width, place)
      case ENCODING.BYTE_STREAM_SPLIT:
        if (leaf.physical === 'INT96') break
        return new SplitValues(this.#region.pool, bytes, from, end, width, this.#scratch, place)
      case ENCODING.DELTA_BINARY_PACKED:
        if (leaf.physical === 'INT32' || leaf.physical === 'INT64')
          return new DeltaValues(this.#deltas(page, from), width, this.#scratch)
        break
      case ENCODING.DELTA_BYTE_ARRAY: {
        if (leaf.physical !== 'FIXED_LEN_BYTE_ARRAY') break
        return new ValuesOfBytes(this.#storedBytes(page), width, this.#newBytes(place), place)
      }
    }
    throw wrongEncoding(encoding, leaf.physical, place)
  }

  /** The decoder of the deltas that begin at `from`; only the last that was made can be used. */
  #deltas({ bytes, end, place }: PageValues, from: number): DeltaDecoder {
    this.#deltaState ??= newDeltaState(this.#region)
    const fail = (reason: string): Error => corrupt(place, reason)
    return new DeltaDecoder(this.#region.pool, this.#deltaState, bytes, from, end, fail)
  }

  #storedBytes(page: PageValues): StoredBytes {
    const { encoding, bytes, from, end, place, count } = page
    const deltas = (start: number): DeltaDecoder => this.#deltas(page, start)
    switch (encoding) {
      case ENCODING.PLAIN:
        return new PlainBytes(this.#region.pool, bytes, from, end, place)
      case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
        return new DeltaLengthBytes(deltas, bytes, from, end, count, this.#scratch, place)
      case ENCODING.DELTA_BYTE_ARRAY:
        return new DeltaBytes(deltas, bytes, from, end, count, [this.#scratch, this.#secondScratch], place)
      default:
        throw wrongEncoding(encoding, this.#leaf.physical, place)
    }
  }

  /** Makes targets for byte arrays that are only on their way to something else. */
  #newBytes(place: Place): (capacity: number) => BytesTarget {
    return (capacity) => {
      this.#passing.reset()
      return new BytesTarget(this.#leaf.type, capacity, this.#passing, place)
    }
  }
}

const NULL_STORAGE: Readonly<Partial<Record<string, Leaf['type']>>> = {
  INT32: { kind: 'int32' },
  INT64: { kind: 'int64' },
  FLOAT: { kind: 'float32' },
  DOUBLE: { kind: 'float64' },
}

/** The values of an opened page. */
export function valuesOf(page: DataPage): PageValues {
  const { encoding, bytes, values, place } = page
  return { encoding, bytes, from: values.from, end: values.end, count: page.entryCount, place }
}
