import { fixedVector, type Vector, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { types } from '../../types/index.ts'
import { int32, signature } from '../signature.ts'
import type { WindowFunction, WindowInput, WindowRows } from './window-function.ts'

/** A function of the place of a row that gives an int. */
function place(
  name: string,
  meaning: string,
  compute: (rows: WindowRows, out: Int32Array) => void,
): WindowFunction {
  return {
    name,
    usage: `${name}() - ${meaning}`,
    resolve: signature(name, [], types.int32),
    evaluate({ region, ...rows }) {
      const out = region.int32(rows.rowCount)
      compute(rows, out)
      return fixedVector(types.int32, rows.rowCount, out)
    },
  }
}

/** A function of the place of a row that gives a double. */
function share(
  name: string,
  meaning: string,
  compute: (rows: WindowRows, out: Float64Array) => void,
): WindowFunction {
  return {
    name,
    usage: `${name}() - ${meaning}`,
    resolve: signature(name, [], types.float64),
    evaluate({ region, ...rows }) {
      const out = region.float64(rows.rowCount)
      compute(rows, out)
      return fixedVector(types.float64, rows.rowCount, out)
    },
  }
}

/** 1, 2, 3 … within the partition. */
export const rowNumber = place('row_number', 'the number of the row in its partition', (rows, out) => {
  for (let i = 0; i < rows.rowCount; i++) out[i] = i - rows.partitionStarts[i]! + 1
})

/** One plus the number of rows before the first peer. */
export const rank = place('rank', 'the rank of the row, with gaps after peers', (rows, out) => {
  for (let i = 0; i < rows.rowCount; i++) out[i] = rows.peerStarts[i]! - rows.partitionStarts[i]! + 1
})

/** One plus the number of different keys before. */
export const denseRank = place('dense_rank', 'the rank of the row, without gaps', (rows, out) => {
  for (let i = 0; i < rows.rowCount; i++) {
    if (i === rows.partitionStarts[i]) out[i] = 1
    else out[i] = out[i - 1]! + (rows.peerStarts[i] === i ? 1 : 0)
  }
})

/** (rank - 1) / (rows - 1), zero in a partition of one row. */
export const percentRank = share(
  'percent_rank',
  'the rank of the row as a share, from 0 to 1',
  (rows, out) => {
    for (let i = 0; i < rows.rowCount; i++) {
      const others = rows.partitionEnds[i]! - rows.partitionStarts[i]! - 1
      out[i] = others === 0 ? 0 : (rows.peerStarts[i]! - rows.partitionStarts[i]!) / others
    }
  },
)

/** The share of rows up to the last peer. */
export const cumeDist = share('cume_dist', 'the share of rows at or before this one', (rows, out) => {
  for (let i = 0; i < rows.rowCount; i++) {
    const start = rows.partitionStarts[i]!
    out[i] = (rows.peerEnds[i]! - start) / (rows.partitionEnds[i]! - start)
  }
})

/** The number, from 1, of the part of `n` nearly equal parts; the first parts are longer by one row. */
export const ntile: WindowFunction = {
  name: 'ntile',
  usage: 'ntile(n) - the number of the part, of n equal parts, in which the row lies',
  resolve: signature('ntile', [int32], types.int32, { min: 0 }),
  evaluate: evaluateNtile,
}

function evaluateNtile({ args, rowCount, partitionStarts, partitionEnds, region }: WindowInput): Vector {
  const out = region.int32(rowCount)
  const parts = args[0] === undefined || rowCount === 0 ? 1 : valueReader(args[0])(0)
  if (typeof parts !== 'number' || parts < 1)
    throw new EngineError('DATATYPE_MISMATCH', `the number of parts must be positive, not ${parts}`)
  for (let i = 0; i < rowCount; i++) {
    const size = partitionEnds[i]! - partitionStarts[i]!
    const short = Math.floor(size / parts)
    const long = size % parts
    const row = i - partitionStarts[i]!
    // The first `long` parts have one row more.
    out[i] =
      row < long * (short + 1)
        ? Math.floor(row / (short + 1)) + 1
        : Math.floor((row - long) / Math.max(1, short)) + 1
  }
  return fixedVector(types.int32, rowCount, out)
}
