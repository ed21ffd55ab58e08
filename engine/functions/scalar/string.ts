import {
  bytesVector,
  fixedVector,
  setBit,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { commonTypeOf, listType, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, int32, mismatch, signature, string, stringOrBinary } from '../signature.ts'
import { type BytesOperand, bytesOperand } from './compare-vectors.ts'
import { indexOfBytes, likeFunctions, matchesAt } from './like.ts'
import { anyNull, operandOf } from './operand.ts'

/** The text functions that queries need first; the others are in string-*.ts. */
export const stringFunctions: readonly ScalarFunction[] = [
  ...likeFunctions,
  {
    name: 'concat',
    aliases: ['||'],
    usage: 'concat(a, b, ...) - texts, binary values or arrays one after the other',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: (args) => {
      checkCount('concat', args.length, 0, Number.POSITIVE_INFINITY)
      if (args.some(({ kind }) => kind === 'list')) {
        const common = commonTypeOf(args)
        if (common?.kind !== 'list') throw mismatch('concat', args, 'arrays of one type')
        return { args: args.map(() => common), returns: listType(common.element) }
      }
      const isBinary = args.length > 0 && args.every(({ kind }) => kind === 'binary')
      return signature(
        'concat',
        [isBinary ? stringOrBinary : string],
        isBinary ? types.binary : types.string,
        {
          min: 0,
          variadic: true,
        },
      )(args, [])
    },
    evaluate: (args, call) =>
      call.returns.kind === 'list' ? concatLists(args, call) : concatBytes(args, call),
  },
  {
    name: 'length',
    aliases: ['char_length', 'character_length', 'len'],
    usage: 'length(text) - characters of a text, bytes of a binary value',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('length', [stringOrBinary], types.int32),
    evaluate: ([text], { rowCount, region }) => {
      const operand = bytesOperand(text!)
      const out = region.int32(rowCount)
      if (text!.type.kind === 'binary') byteLengths(operand, out, rowCount)
      else characterLengths(operand, out, rowCount)
      return fixedVector(types.int32, rowCount, out)
    },
  },
  {
    name: 'substring',
    aliases: ['substr'],
    usage: 'substring(text, position[, length]) - the part from a position; negative counts from the end',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('substring', [stringOrBinary, int32, int32], ([type]) => type!, { min: 2 }),
    evaluate: substring,
  },
  caseChange('upper', ['ucase'], 'upper(text) - the text in upper case', (text) => text.toUpperCase()),
  caseChange('lower', ['lcase'], 'lower(text) - the text in lower case', (text) => text.toLowerCase()),
  trim('trim', true, true, ['btrim']),
  trim('ltrim', true, false),
  trim('rtrim', false, true),
  search('startswith', 'startswith(text, prefix) - whether the text starts with the prefix', ['starts_with']),
  search('endswith', 'endswith(text, suffix) - whether the text ends with the suffix', ['ends_with']),
  search('contains', 'contains(text, part) - whether the part lies in the text'),
]

function concatBytes(args: readonly Vector[], { rowCount, region, returns }: CallContext): Vector {
  const operands = args.map(bytesOperand)
  const offsets = region.int32(rowCount + 1)
  let total = 0
  for (let row = 0; row < rowCount; row++) {
    offsets[row] = total
    for (const { offsets: from, step } of operands) total += from[row * step + 1]! - from[row * step]!
  }
  offsets[rowCount] = total
  const bytes = region.uint8(total)
  let at = 0
  for (let row = 0; row < rowCount; row++)
    for (const { offsets: from, bytes: source, step } of operands) {
      const end = from[row * step + 1]!
      for (let i = from[row * step]!; i < end; i++) bytes[at++] = source[i]!
    }
  return bytesVector(returns, rowCount, offsets, bytes)
}

function concatLists(args: readonly Vector[], { rowCount, region, returns }: CallContext): Vector {
  const readers = args.map(valueReader)
  const builder = vectorBuilder(returns, region, rowCount)
  for (let row = 0; row < rowCount; row++) {
    const lists = readers.map((read) => read(row) as readonly Value[] | null)
    builder.append(lists.includes(null) ? null : lists.flatMap((list) => list!))
  }
  return builder.finish()
}

function byteLengths({ offsets, step }: BytesOperand, out: Int32Array, rowCount: number): void {
  for (let row = 0; row < rowCount; row++) out[row] = offsets[row * step + 1]! - offsets[row * step]!
}

/** Every byte that does not continue a character starts one. */
function characterLengths({ offsets, bytes, step }: BytesOperand, out: Int32Array, rowCount: number): void {
  for (let row = 0; row < rowCount; row++) {
    const end = offsets[row * step + 1]!
    let count = 0
    for (let i = offsets[row * step]!; i < end; i++) count += (bytes[i]! & 0xc0) === 0x80 ? 0 : 1
    out[row] = count
  }
}

function substring(args: readonly Vector[], { rowCount, region, returns }: CallContext): Vector {
  const { offsets, bytes, step } = bytesOperand(args[0]!)
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

function caseChange(
  name: string,
  aliases: readonly string[],
  usage: string,
  change: (text: string) => string,
): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature(name, [string], types.string),
    bind: () => change,
  }
}

function trim(
  name: string,
  atStart: boolean,
  atEnd: boolean,
  aliases: readonly string[] = [],
): ScalarFunction {
  const sides = atStart && atEnd ? 'both ends' : atStart ? 'the start' : 'the end'
  return {
    name,
    aliases,
    usage: `${name}(text[, characters]) - the text without spaces, or without those characters, at ${sides}`,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature(name, [string, string], types.string, { min: 1 }),
    bind:
      () =>
      (text: string, characters = ' ') => {
        const drop = new Set(characters)
        const all = [...text]
        let start = 0
        let end = all.length
        while (atStart && start < end && drop.has(all[start]!)) start++
        while (atEnd && end > start && drop.has(all[end - 1]!)) end--
        return all.slice(start, end).join('')
      },
  }
}

function search(
  name: 'startswith' | 'endswith' | 'contains',
  usage: string,
  aliases: readonly string[] = [],
): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: (args) => {
      const parameter =
        args.length === 2 && args.every(({ kind }) => kind === 'binary') ? stringOrBinary : string
      return signature(name, [parameter, parameter], types.boolean)(args, [])
    },
    evaluate: ([text, part], { rowCount, region }) => {
      const whole = bytesOperand(text!)
      const piece = bytesOperand(part!)
      const bits = region.bitmap(rowCount)
      for (let row = 0; row < rowCount; row++) {
        const start = whole.offsets[row * whole.step]!
        const end = whole.offsets[row * whole.step + 1]!
        const wanted = piece.bytes.subarray(
          piece.offsets[row * piece.step]!,
          piece.offsets[row * piece.step + 1]!,
        )
        if (wanted.length > end - start) continue
        const found =
          name === 'contains'
            ? indexOfBytes(whole.bytes, start, end, wanted) >= 0
            : matchesAt(whole.bytes, name === 'startswith' ? start : end - wanted.length, wanted)
        if (found) setBit(bits, row)
      }
      return fixedVector(types.boolean, rowCount, bits)
    },
  }
}
