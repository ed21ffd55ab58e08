import { type BytesVector, bytesVector, readValue, type Vector } from '../../batch/index.ts'
import { addressIn, textKernels } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { CallContext } from '../scalar-function.ts'
import { bytesOperand } from './compare-vectors.ts'
import { anyNull, operandOf } from './operand.ts'

/** substring(text, position[, length]), in characters, or bytes of a binary value. */
export function substring(args: readonly Vector[], { rowCount, region, returns }: CallContext): Vector {
  const { offsets, bytes, step } = bytesOperand(args[0]!)
  if (step === 1 && args.slice(1).every(({ encoding }) => encoding === 'constant')) {
    const from = readValue(args[1]!, 0) as number
    const length = args[2] === undefined ? 2 ** 31 : (readValue(args[2], 0) as number)
    if (from >= 0) return cutTexts(args[0] as BytesVector, Math.max(0, from - 1), Math.max(0, length), region)
  }
  const positions = operandOf<Int32Array>(args[1]!)
  const lengths = args[2] === undefined ? undefined : operandOf<Int32Array>(args[2])
  const isText = returns.kind === 'string'
  const starts = region.int32(rowCount)
  const outOffsets = region.int32(rowCount + 1)
  let total = 0
  for (let row = 0; row < rowCount; row++) {
    const start = offsets[row * step]!
    const end = offsets[row * step + 1]!
    outOffsets[row] = total
    starts[row] = start
    const position = positions.values[row * positions.step]!
    const wanted = lengths === undefined ? 2 ** 31 : lengths.values[row * lengths.step]!
    if (wanted <= 0 || anyNull(args, row)) continue
    // A start before the text uses up length, as in Spark: substring('abc', -5, 3) is 'a'.
    let from =
      position > 0 ? position - 1 : position === 0 ? 0 : countCharacters(bytes, start, end, isText) + position
    const until = from + wanted
    from = Math.max(0, from)
    const first = skipCharacters(bytes, start, end, from, isText)
    const last = skipCharacters(bytes, first, end, Math.max(0, until - from), isText)
    starts[row] = first
    total += last - first
  }
  outOffsets[rowCount] = total
  const out = region.uint8(total)
  for (let row = 0; row < rowCount; row++) {
    const end = outOffsets[row + 1]!
    for (let to = outOffsets[row]!, at = starts[row]!; to < end; to++, at++) out[to] = bytes[at]!
  }
  return bytesVector(returns, rowCount, outOffsets, out)
}

/** So many characters of each text, or bytes of each binary value, behind the first `from`. */
function cutTexts(
  { type, length: rowCount, offsets, bytes }: BytesVector,
  from: number,
  length: number,
  region: Region,
): Vector {
  const kernels = textKernels(region.pool)
  const starts = region.int32(rowCount)
  const outOffsets = region.int32(rowCount + 1)
  const at = addressIn(region, bytes)
  const isText = type.kind === 'string' ? 1 : 0
  const source = addressIn(region, offsets)
  kernels.cutTexts(source, at, rowCount, isText, from, length, starts.byteOffset, outOffsets.byteOffset)
  const out = region.uint8(outOffsets[rowCount]!)
  kernels.copyParts(at, starts.byteOffset, outOffsets.byteOffset, rowCount, out.byteOffset)
  return bytesVector(type, rowCount, outOffsets, out)
}

function countCharacters(bytes: Uint8Array, start: number, end: number, isText: boolean): number {
  if (!isText) return end - start
  let count = 0
  for (let i = start; i < end; i++) count += (bytes[i]! & 0xc0) === 0x80 ? 0 : 1
  return count
}

/** Where the text goes on after `count` characters, at most `end`. */
function skipCharacters(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  isText: boolean,
): number {
  if (!isText) return Math.min(end, start + count)
  let at = start
  for (let left = count; left > 0 && at < end; left--) {
    at++
    while (at < end && (bytes[at]! & 0xc0) === 0x80) at++
  }
  return at
}
