import { EngineError } from '../../../errors.ts'
import { ByteBuffer } from '../byte-buffer.ts'
import type { Leaf } from '../schema.ts'
import type { StoredValuesBuffer } from '../to-stored.ts'
import { encodeDelta } from './delta-encoder.ts'
import { encodeRle, packBits } from './rle-encoder.ts'

/** The encodings of values that are written; `dictionary` falls back to `plain` where it does not pay. */
export type WriteEncoding =
  | 'dictionary'
  | 'plain'
  | 'rle'
  | 'delta_binary_packed'
  | 'delta_length_byte_array'
  | 'delta_byte_array'
  | 'byte_stream_split'

/** Values in an encoding other than `dictionary`; INVALID_ARGUMENT if it does not go with the type. */
export function encodeValues(encoding: WriteEncoding, leaf: Leaf, values: StoredValuesBuffer): Uint8Array {
  const { physical } = leaf
  switch (encoding) {
    case 'plain':
      return encodePlain(leaf, values)
    case 'rle':
      if (physical === 'BOOLEAN') return encodeRuns(values)
      break
    case 'delta_binary_packed':
      if (physical === 'INT32' || physical === 'INT64') return encodeNumbers(values)
      break
    case 'delta_length_byte_array':
      if (physical === 'BYTE_ARRAY') return encodeLengths(values)
      break
    case 'delta_byte_array':
      if (physical === 'BYTE_ARRAY') return encodePrefixes(values)
      break
    case 'byte_stream_split':
      if (values.width > 1) return splitBytes(values)
  }
  throw new EngineError(
    'INVALID_ARGUMENT',
    `column "${leaf.path.join('.')}" cannot have the encoding ${encoding}`,
  )
}

/** Values as they are; byte arrays behind their length; booleans as bits. */
export function encodePlain(leaf: Leaf, values: StoredValuesBuffer): Uint8Array {
  if (leaf.physical === 'BOOLEAN') {
    const out = new ByteBuffer(values.count)
    packBits(values.bytes.bytes, 0, values.count, (values.count + 7) & -8, 1, out)
    return out.view()
  }
  if (values.width > 0) return values.bytes.view()
  const out = new ByteBuffer(values.bytes.length + 4 * values.count)
  for (let i = 0; i < values.count; i++) {
    const start = values.start(i)
    const end = values.end(i)
    out.uint32(end - start)
    const { bytes, length } = out
    for (let from = start, to = length; from < end; from++, to++) bytes[to] = values.bytes.bytes[from]!
    out.length += end - start
  }
  return out.view()
}

function encodeRuns(values: StoredValuesBuffer): Uint8Array {
  const runs = new ByteBuffer()
  encodeRle(values.bytes.bytes, values.count, 1, runs)
  const out = new ByteBuffer()
  out.uint32(runs.length)
  out.append(runs.view())
  return out.view()
}

function encodeNumbers(values: StoredValuesBuffer): Uint8Array {
  const bytes = values.bytes.copy()
  const out = new ByteBuffer()
  if (values.width === 8) encodeDelta(new BigInt64Array(bytes.buffer), 64, out)
  else encodeDelta(BigInt64Array.from(new Int32Array(bytes.buffer), BigInt), 32, out)
  return out.view()
}

function lengthsOf(values: StoredValuesBuffer): BigInt64Array {
  const lengths = new BigInt64Array(values.count)
  for (let i = 0; i < values.count; i++) lengths[i] = BigInt(values.end(i) - values.start(i))
  return lengths
}

function encodeLengths(values: StoredValuesBuffer): Uint8Array {
  const out = new ByteBuffer()
  encodeDelta(lengthsOf(values), 32, out)
  out.append(values.bytes.view())
  return out.view()
}

function encodePrefixes(values: StoredValuesBuffer): Uint8Array {
  const prefixes = new BigInt64Array(values.count)
  const lengths = lengthsOf(values)
  const suffixes = new ByteBuffer()
  const bytes = values.bytes.bytes
  for (let i = 0; i < values.count; i++) {
    const start = values.start(i)
    const end = values.end(i)
    let shared = 0
    if (i > 0) {
      const before = values.start(i - 1)
      const limit = Math.min(end - start, start - before)
      while (shared < limit && bytes[before + shared] === bytes[start + shared]) shared++
    }
    prefixes[i] = BigInt(shared)
    lengths[i] = BigInt(end - start - shared)
    suffixes.append(bytes.subarray(start + shared, end))
  }
  const out = new ByteBuffer()
  encodeDelta(prefixes, 32, out)
  encodeDelta(lengths, 32, out)
  out.append(suffixes.view())
  return out.view()
}

function splitBytes({ bytes, count, width }: StoredValuesBuffer): Uint8Array {
  const out = new Uint8Array(count * width)
  for (let part = 0; part < width; part++)
    for (let i = 0; i < count; i++) out[part * count + i] = bytes.bytes[i * width + part]!
  return out
}
