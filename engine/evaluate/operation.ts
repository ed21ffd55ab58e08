import {
  andBits,
  constantOf,
  type DictionaryVector,
  dictionaryVector,
  type FlatVector,
  flatten,
  getBit,
  setBit,
  take,
  type Vector,
} from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'

/** A vector-at-a-time operation: a call of a function, or a cast. */
export interface Operation {
  readonly run: (args: readonly Vector[], rowCount: number) => Vector
  readonly mayFail: boolean
  readonly isPure: boolean
  readonly seesNulls: boolean
}

/**
 * Runs an operation once if all its arguments are constant, over the dictionary if one is, else over the
 * rows.
 */
export function applyOperation(
  operation: Operation,
  args: readonly Vector[],
  rowCount: number,
  region: Region,
): Vector {
  if (operation.isPure && args.every(({ encoding }) => encoding === 'constant')) {
    const one = args.map((arg) => resizeConstant(arg, 1, region))
    return constantOf(flatten(operation.run(one, 1), region), rowCount, region)
  }
  if (operation.isPure) {
    const changing = args.filter(({ encoding }) => encoding !== 'constant')
    const [only] = changing
    if (changing.length === 1 && only!.encoding === 'dictionary' && only!.dictionary.length < rowCount) {
      const result = overDictionary(operation, args, only as DictionaryVector, region)
      if (result !== undefined) return result
    }
  }
  const flat = args.map((arg) => (arg.encoding === 'dictionary' ? flatten(arg, region) : arg))
  return operation.run(flat, rowCount)
}

function resizeConstant(vector: Vector, rowCount: number, region: Region): Vector {
  return vector.encoding === 'constant' ? constantOf(vector.value, rowCount, region) : vector
}

/** Runs over the entries of the dictionary instead of the rows. Undefined if an entry fails, used or not. */
function overDictionary(
  operation: Operation,
  args: readonly Vector[],
  column: DictionaryVector,
  region: Region,
): Vector | undefined {
  // A function that sees NULLs gets one more entry, which is NULL, for the rows that are.
  const needsNull = operation.seesNulls && column.nullCount > 0
  const entries = needsNull ? withNullEntry(column.dictionary, region) : column.dictionary
  const count = entries.length
  const inputs = args.map((arg) => (arg === column ? entries : resizeConstant(arg, count, region)))
  let results: FlatVector
  try {
    results = flatten(operation.run(inputs, count), region)
  } catch (error) {
    if (operation.mayFail && error instanceof EngineError) return undefined
    throw error
  }
  const codes = needsNull ? codesOfNulls(column, count - 1, region) : column.codes
  if (results.type.kind === 'boolean' && results.validity === null && (needsNull || column.validity === null))
    return take(results, codes, column.length, region)
  const validity = entryValidity(results, codes, needsNull ? null : column.validity, column.length, region)
  if (results.type.kind === 'boolean')
    return { ...flatten(dictionaryVector(column.length, codes, results, validity), region) }
  return dictionaryVector(column.length, zeroUnderNulls(codes, validity, column, region), results, validity)
}

function withNullEntry(dictionary: FlatVector, region: Region): FlatVector {
  const indices = region.int32(dictionary.length + 1)
  for (let i = 0; i < dictionary.length; i++) indices[i] = i
  indices[dictionary.length] = -1
  // Taking rows of a flat vector gives a flat vector.
  return take(dictionary, indices, indices.length, region) as FlatVector
}

function codesOfNulls(column: DictionaryVector, nullCode: number, region: Region): Int32Array {
  const codes = region.int32(column.length)
  for (let row = 0; row < column.length; row++)
    codes[row] = getBit(column.validity!, row) ? column.codes[row]! : nullCode
  return codes
}

function entryValidity(
  entries: FlatVector,
  codes: Int32Array,
  rows: Uint8Array | null,
  rowCount: number,
  region: Region,
): Uint8Array | null {
  if (entries.validity === null) return rows
  const out = region.bitmap(rowCount)
  const { validity } = entries
  for (let row = 0; row < rowCount; row++) if (getBit(validity, codes[row]!)) setBit(out, row)
  if (rows !== null) andBits(out, rows, out, rowCount)
  return out
}

/** Codes under NULL are 0 by the rules of dictionary vectors. */
function zeroUnderNulls(
  codes: Int32Array,
  validity: Uint8Array | null,
  column: DictionaryVector,
  region: Region,
): Int32Array {
  if (validity === null || validity === column.validity) return codes
  const out = region.int32(column.length)
  for (let row = 0; row < column.length; row++) out[row] = getBit(validity, row) ? codes[row]! : 0
  return out
}
