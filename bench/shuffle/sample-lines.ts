import {
  bytesVector,
  dictionaryVector,
  fixedVector,
  type RecordBatch,
  vectorBuilder,
} from '../../engine/batch/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import { decimalType, types } from '../../engine/types/index.ts'
import { seededRandom } from '../data/text-data.ts'

const WORDS =
  'furious careful express special final pending regular even bold silent deposits requests'.split(' ')
const MODES = ['AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR', 'SHIP', 'TRUCK']

/** Rows like those of TPC-H's lineitem: keys, decimals, dates, words of a dictionary, and a comment. */
export function sampleLines(region: Region, rowCount: number, seed: number): RecordBatch {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const order = region.int64(rowCount)
  const [part, line] = [region.int32(rowCount), region.int32(rowCount)]
  const [price, discount] = [region.int64(rowCount), region.int64(rowCount)]
  const [shipped, mode] = [region.int32(rowCount), region.int32(rowCount)]
  const offsets = region.int32(rowCount + 1)
  const comments: string[] = []
  offsets[0] = 0
  for (let row = 0; row < rowCount; row++) {
    order[row] = BigInt(seed * rowCount + (row >> 2))
    part[row] = below(200_000)
    line[row] = row & 3
    price[row] = BigInt(90_000 + below(10_000_000))
    discount[row] = BigInt(below(11))
    shipped[row] = 8035 + below(2500)
    mode[row] = below(MODES.length)
    const comment = Array.from({ length: 2 + below(4) }, () => WORDS[below(WORDS.length)]).join(' ')
    comments.push(comment)
    offsets[row + 1] = offsets[row]! + comment.length
  }
  const bytes = region.uint8(offsets[rowCount]!)
  bytes.set(Buffer.from(comments.join('')))
  const modes = vectorBuilder(types.string, region)
  for (const name of MODES) modes.append(name)
  return {
    rowCount,
    columns: [
      fixedVector(types.int64, rowCount, order),
      fixedVector(types.int32, rowCount, part),
      fixedVector(types.int32, rowCount, line),
      fixedVector(decimalType(15, 2), rowCount, price),
      fixedVector(decimalType(15, 2), rowCount, discount),
      fixedVector(types.date, rowCount, shipped),
      dictionaryVector(rowCount, mode, modes.finish()),
      bytesVector(types.string, rowCount, offsets, bytes),
    ],
  }
}
