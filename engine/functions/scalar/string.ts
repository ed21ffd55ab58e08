import {
  bytesVector,
  fixedVector,
  setBit,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { addressIn, textKernels } from '../../kernels/index.ts'
import { commonTypeOf, listType, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, int32, mismatch, signature, string, stringOrBinary } from '../signature.ts'
import { bytesOperand } from './compare-vectors.ts'
import { indexOfBytes, likeFunctions, matchesAt, matchSegments, type Segments } from './like.ts'
import { substring } from './substring.ts'

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
      const { offsets, bytes, step } = bytesOperand(text!)
      const out = region.int32(rowCount)
      if (text!.type.kind === 'binary')
        for (let row = 0; row < rowCount; row++) out[row] = offsets[row * step + 1]! - offsets[row * step]!
      else {
        const [from, at] = [addressIn(region, offsets), addressIn(region, bytes)]
        textKernels(region.pool).textLengths(from, at, step === 0 ? 1 : rowCount, out.byteOffset)
        if (step === 0) out.fill(out[0]!)
      }
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
      const piece = bytesOperand(part!)
      if (piece.step === 0) {
        const wanted = piece.bytes.subarray(piece.offsets[0]!, piece.offsets[1]!)
        return fixedVector(
          types.boolean,
          rowCount,
          matchSegments(text!, segmentsOf(name, wanted), rowCount, region),
        )
      }
      const whole = bytesOperand(text!)
      const bits = region.bitmap(rowCount)
      for (let row = 0; row < rowCount; row++) {
        const start = whole.offsets[row * whole.step]!
        const end = whole.offsets[row * whole.step + 1]!
        const wanted = piece.bytes.subarray(piece.offsets[row]!, piece.offsets[row + 1]!)
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

function segmentsOf(name: 'startswith' | 'endswith' | 'contains', wanted: Uint8Array): Segments {
  const none = wanted.subarray(0, 0)
  const middle = name === 'contains' && wanted.length > 0 ? [wanted] : []
  const [prefix, suffix] = [name === 'startswith' ? wanted : none, name === 'endswith' ? wanted : none]
  return { prefix, suffix, middle, isExact: false }
}
