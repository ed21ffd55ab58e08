import type { Value } from '../../types/index.ts'
import type { RawStatistics } from './format.ts'
import type { Leaf } from './schema.ts'

/** What the footer knows of the values of a chunk or page. Bounds need not occur; null where unknown. */
export interface ColumnBounds {
  readonly min: Value
  readonly max: Value
  /** Null when unknown. */
  readonly nullCount: number | null
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Bounds of a chunk as values of the engine. The deprecated fields count only where their order was always
 * the one of the type: signed numbers.
 */
export function decodeStatistics(raw: RawStatistics | undefined, leaf: Leaf): ColumnBounds {
  if (raw === undefined) return { min: null, max: null, nullCount: null }
  const old = hasOldOrder(leaf)
  const min = raw.minValue ?? (old ? raw.min : undefined)
  const max = raw.maxValue ?? (old ? raw.max : undefined)
  const nullCount = raw.nullCount !== undefined && raw.nullCount >= 0 ? raw.nullCount : null
  return { min: decodeBound(min, leaf), max: decodeBound(max, leaf), nullCount }
}

function hasOldOrder({ conversion, physical }: Leaf): boolean {
  return (
    (physical === 'INT32' || physical === 'INT64' || physical === 'FLOAT' || physical === 'DOUBLE') &&
    conversion !== 'unsigned32' &&
    conversion !== 'unsigned64'
  )
}

/**
 * One bound from its plain encoding; null if it is absent, malformed, NaN, or of a type without a usable
 * order.
 */
export function decodeBound(bytes: Uint8Array | undefined, leaf: Leaf): Value {
  if (bytes === undefined) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fits = bytes.length === PHYSICAL_BYTES[leaf.physical]
  switch (leaf.conversion) {
    case 'copy':
      return fits ? copied(view, leaf) : null
    case 'narrow':
      return fits ? view.getInt32(0, true) : null
    case 'extend':
      return fits ? BigInt(view.getInt32(0, true)) : null
    case 'unsigned32':
      return fits ? BigInt(view.getUint32(0, true)) : null
    case 'unsigned64':
      return fits ? view.getBigUint64(0, true) : null
    case 'millis32':
      return fits ? BigInt(view.getInt32(0, true)) * 1000n : null
    case 'millis':
      return fits ? view.getBigInt64(0, true) * 1000n : null
    case 'nanos':
      return fits ? floorDiv(view.getBigInt64(0, true), 1000n) : null
    case 'big-endian':
      return bytes.length > 0 && bytes.length <= 16 ? bigEndian(bytes) : null
    case 'bits':
      return bytes.length === 1 ? bytes[0] === 1 : null
    case 'bytes':
      return leaf.type.kind === 'string' ? textOf(bytes) : bytes
    case 'int96':
    case 'float16':
    case 'uuid':
      return null
  }
}

const PHYSICAL_BYTES: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, FLOAT: 4, DOUBLE: 8 }

function copied(view: DataView, leaf: Leaf): Value {
  switch (leaf.physical) {
    case 'INT32':
      return view.getInt32(0, true)
    case 'INT64':
      return view.getBigInt64(0, true)
    default: {
      const value = leaf.physical === 'FLOAT' ? view.getFloat32(0, true) : view.getFloat64(0, true)
      return Number.isNaN(value) ? null : value
    }
  }
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

/** A signed big-endian number. */
export function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** Null where a bound was cut inside a character: it could not be compared. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
