import { concat, getBit, take, type Vector, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { commonTypeOf, types } from '../../types/index.ts'
import { any, boolean, checkCount, int32, mismatch, signature } from '../signature.ts'
import type { WindowFunction, WindowInput } from './window-function.ts'

/** The value `offset` rows before this one; `default` where the partition has no such row. */
export const lag = neighbour('lag', 'before', -1)

/** The value `offset` rows after this one; `default` where the partition has no such row. */
export const lead = neighbour('lead', 'after', 1)

function neighbour(name: string, word: string, direction: 1 | -1): WindowFunction {
  return {
    name,
    usage: `${name}(expr[, offset[, default]]) - the value of expr offset rows ${word} this one`,
    resolve(args) {
      checkCount(name, args.length, 1, 3)
      const value = args.length === 3 ? commonTypeOf([args[0]!, args[2]!]) : args[0]!
      if (value === undefined) throw mismatch(name, args, 'a default of the type of the value')
      return { args: [value, types.int32, value].slice(0, args.length), returns: value }
    },
    evaluate: (input) => evaluateNeighbour(input, direction),
  }
}

function evaluateNeighbour(input: WindowInput, direction: 1 | -1): Vector {
  const { args, rowCount, region, ignoreNulls } = input
  const value = args[0]!
  const offset = (args[1] === undefined || rowCount === 0 ? 1 : Number(valueReader(args[1])(0))) * direction
  const present = ignoreNulls ? presentRows(value, rowCount) : null
  const indices = region.int32(rowCount)
  for (let i = 0; i < rowCount; i++) {
    const at = present === null || offset === 0 ? i + offset : presentNeighbour(present, i, offset)
    indices[i] = at >= input.partitionStarts[i]! && at < input.partitionEnds[i]! ? at : -1
  }
  if (args[2] === undefined) return take(value, indices, rowCount, region)
  for (let i = 0; i < rowCount; i++) if (indices[i]! < 0) indices[i] = rowCount + i
  return take(concat([value, args[2]], region), indices, rowCount, region)
}

/** Rows that are not NULL, and for each row how many of them come before it. */
interface PresentRows {
  readonly rows: Int32Array
  readonly before: Int32Array
}

function presentRows(vector: Vector, rowCount: number): PresentRows {
  const rows = new Int32Array(rowCount)
  const before = new Int32Array(rowCount + 1)
  let count = 0
  for (let i = 0; i < rowCount; i++) {
    before[i] = count
    if (vector.validity === null || getBit(vector.validity, i)) rows[count++] = i
  }
  before[rowCount] = count
  return { rows: rows.subarray(0, count), before }
}

function presentNeighbour({ rows, before }: PresentRows, row: number, offset: number): number {
  const at = offset < 0 ? before[row]! + offset : before[row + 1]! + offset - 1
  return rows[at] ?? -1
}

/** A function that picks one row of the frame. */
function fromFrame(
  name: string,
  aliases: readonly string[],
  usage: string,
  pick: (start: number, end: number) => number,
): WindowFunction {
  return {
    name,
    aliases,
    usage,
    resolve: signature(name, [any, boolean], ([type]) => type!, { min: 1 }),
    evaluate(input) {
      const skip =
        input.ignoreNulls ||
        (input.rowCount > 0 && input.args[1] !== undefined && valueReader(input.args[1])(0) === true)
      return pickFromFrame(input, skip, pick)
    },
  }
}

/** The value of the first row of the frame; NULL if the frame is empty. */
export const firstValue = fromFrame(
  'first_value',
  ['first', 'any_value'],
  'first_value(expr[, ignoreNulls]) - the value of expr in the first row of the frame',
  (start) => start,
)

/** The value of the last row of the frame; NULL if the frame is empty. */
export const lastValue = fromFrame(
  'last_value',
  ['last'],
  'last_value(expr[, ignoreNulls]) - the value of expr in the last row of the frame',
  (_start, end) => end - 1,
)

/** The value of the n-th row of the frame, from 1; NULL if the frame is shorter. */
export const nthValue: WindowFunction = {
  name: 'nth_value',
  usage: 'nth_value(expr, n) - the value of expr in the n-th row of the frame',
  resolve: signature('nth_value', [any, int32], ([type]) => type!),
  evaluate(input) {
    const n = input.rowCount === 0 ? 1 : valueReader(input.args[1]!)(0)
    if (typeof n !== 'number' || n < 1)
      throw new EngineError('DATATYPE_MISMATCH', `the position in a frame must be positive, not ${n}`)
    return pickFromFrame(input, input.ignoreNulls, (start) => start + n - 1)
  },
}

/** Picks a row of each frame; with `skipNulls` frames consist of the rows that are not NULL. */
function pickFromFrame(
  { args, rowCount, frameStarts, frameEnds, region }: WindowInput,
  skipNulls: boolean,
  pick: (start: number, end: number) => number,
): Vector {
  const indices = region.int32(rowCount)
  const present = skipNulls ? presentRows(args[0]!, rowCount) : null
  for (let i = 0; i < rowCount; i++) {
    let [start, end] = [frameStarts[i]!, frameEnds[i]!]
    if (start >= end) {
      indices[i] = -1
      continue
    }
    if (present !== null) [start, end] = [present.before[start]!, present.before[end]!]
    const at = pick(start, end)
    indices[i] = at < start || at >= end ? -1 : present === null ? at : present.rows[at]!
  }
  return take(args[0]!, indices, rowCount, region)
}
