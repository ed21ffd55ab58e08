import { type FixedVector, type FlatVector, isNull, valueReader, vectorBuilder } from '../../batch/index.ts'
import type { TimeZone } from '../../functions/index.ts'
import { floatSlots, ROWS_COLUMN, ROWS_KIND, SLOT_BYTES } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, types, type Value } from '../../types/index.ts'

/** How the values of a column become text. */
export type LineValues =
  /** As the kernel writes them: integers, decimals, booleans, days as `2024-01-31`, strings. */
  | { readonly kind: 'kernel' }
  /** The same of days, by the years of their era. */
  | { readonly kind: 'eraDate' }
  /** Moments on the clocks of a zone: `2024-01-31 12:00:00.5`, or `2024-01-31T12:00:00.500`. */
  | { readonly kind: 'moment' | 'isoMoment'; readonly zone: TimeZone | null }
  /** Floats; those that the kernel leaves, by a function. */
  | { readonly kind: 'float'; readonly format: (value: Value) => string }
  /** Anything, by a function. */
  | { readonly kind: 'format'; readonly format: (value: Value) => string }

/**
 * How values of a type become text where a format has no rule of its own; `format` does what no kernel does.
 */
export function usualValues({ kind }: DataType, format: (value: Value) => string): LineValues {
  switch (kind) {
    case 'null':
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'decimal':
    case 'string':
      return { kind: 'kernel' }
    case 'float32':
    case 'float64':
      return { kind: 'float', format }
    default:
      return { kind: 'format', format }
  }
}

/** Fills in kind and place of the values of a column (without codes): words of `ROWS_COLUMN`. */
export function layValues(words: Int32Array, vector: FlatVector, values: LineValues, region: Region): void {
  switch (values.kind) {
    case 'kernel':
      return layPlain(words, vector)
    case 'eraDate':
      layPlain(words, vector)
      words[ROWS_COLUMN.kind] = ROWS_KIND.eraDate
      return
    case 'moment':
    case 'isoMoment': {
      const moments = (vector as FixedVector).values as BigInt64Array
      words[ROWS_COLUMN.kind] = ROWS_KIND[values.kind]
      words[ROWS_COLUMN.values] = moments.byteOffset
      if (values.zone === null) return
      words[ROWS_COLUMN.shifts] = shiftsOf(moments, values.zone, region).byteOffset
      words[ROWS_COLUMN.showsShift] = 1
      return
    }
    case 'float': {
      words[ROWS_COLUMN.kind] = ROWS_KIND.slots
      words[ROWS_COLUMN.values] = slotsOf(vector as FixedVector, values.format, region).byteOffset
      return
    }
    case 'format': {
      const texts = vectorBuilder(types.string, region, vector.length)
      const read = valueReader(vector)
      for (let row = 0; row < vector.length; row++) {
        const value = read(row)
        texts.append(value === null ? null : values.format(value))
      }
      layPlain(words, texts.finish() as FlatVector)
    }
  }
}

function layPlain(words: Int32Array, vector: FlatVector): void {
  if (vector.encoding === 'bytes') {
    words[ROWS_COLUMN.kind] = ROWS_KIND.texts
    words[ROWS_COLUMN.values] = vector.bytes.byteOffset
    words[ROWS_COLUMN.offsets] = vector.offsets.byteOffset
    return
  }
  if (vector.encoding !== 'fixed') return // Nothing but NULLs.
  words[ROWS_COLUMN.kind] = kindOf(vector.type, vector.lanes)
  words[ROWS_COLUMN.values] = vector.values.byteOffset
  if (vector.type.kind !== 'decimal') return
  const { scale } = vector.type
  const unit = 10n ** BigInt(scale)
  words[ROWS_COLUMN.scale] = scale
  words[ROWS_COLUMN.unit] = Number(BigInt.asIntN(32, unit))
  words[ROWS_COLUMN.unit + 1] = Number(BigInt.asIntN(32, unit >> 32n))
}

function kindOf(type: DataType, lanes: 1 | 2): number {
  switch (type.kind) {
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'date':
      return ROWS_KIND[type.kind]
    default:
      return lanes === 2 ? ROWS_KIND.wideDecimal : ROWS_KIND.decimal
  }
}

/** Seconds that the clocks of a zone are ahead of UTC at each moment. */
function shiftsOf(moments: BigInt64Array, zone: TimeZone, region: Region): Int32Array {
  const shifts = region.int32(moments.length)
  const halves = new Int32Array(moments.buffer, moments.byteOffset, 2 * moments.length)
  for (let row = 0; row < shifts.length; row++) {
    const micros = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0)
    // Beyond 2^53 the sum is not exact: such years are far off.
    const seconds = Number.isSafeInteger(micros) ? Math.floor(micros / 1e6) : exactSeconds(moments[row]!)
    shifts[row] = zone.offsetAt(seconds)
  }
  return shifts
}

function exactSeconds(micros: bigint): number {
  const seconds = micros / 1_000_000n
  return Number(seconds * 1_000_000n > micros ? seconds - 1n : seconds)
}

function slotsOf(vector: FixedVector, format: (value: Value) => string, region: Region): Uint8Array {
  const floats = vector.values as Float32Array | Float64Array
  const values = floats.subarray(0, vector.length)
  const slots = region.uint8(SLOT_BYTES * vector.length)
  const odd = region.int32(vector.length)
  const oddCount = floatSlots(region.pool, values, vector.validity, slots, odd)
  for (let i = 0; i < oddCount; i++) {
    const row = odd[i]!
    if (isNull(vector, row)) continue
    const text = format(values[row]!)
    const at = SLOT_BYTES * row
    slots[at] = text.length
    for (let j = 0; j < text.length; j++) slots[at + 1 + j] = text.charCodeAt(j)
  }
  return slots
}
