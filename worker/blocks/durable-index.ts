import type { SpillTables } from '../../engine/batch/index.ts'
import type { SpillExtent } from '../../engine/memory/index.ts'
import type { SpilledBlock } from '../../engine/shuffle/index.ts'
import { checkDataType, type DataType } from '../../engine/types/index.ts'
import type { OutputKey } from './output-key.ts'

/** What a file of a whole output holds, as it lies there in JSON after the frames. */
export interface DurableIndex {
  readonly key: OutputKey
  /** Types and dictionaries; blocks name theirs by index. */
  readonly spaces: readonly DurableSpace[]
  /** By output partition: the blocks, in order. */
  readonly partitions: readonly (readonly DurableBlock[])[]
}

/** See SpillTables. */
export interface DurableSpace {
  readonly types: readonly DataType[]
  readonly dictionaries: readonly DurableExtent[]
}

/** Offset, bytes, and their CRC-32C. */
export type DurableExtent = readonly [offset: number, bytes: number, checksum: number]

export type DurableBlock = readonly [
  space: number,
  rowCount: number,
  offset: number,
  bytes: number,
  checksum: number,
]

/** The blocks of an index as readers take them. */
export function blocksOfIndex(path: string, { spaces, partitions }: DurableIndex): SpilledBlock[][] {
  const tables = spaces.map(
    ({ types, dictionaries }): SpillTables => ({ path, types, dictionaries: dictionaries.map(extentOf) }),
  )
  return partitions.map((blocks) =>
    blocks.map(([space, rowCount, ...extent]) => ({
      ...extentOf(extent),
      rowCount,
      tables: tables[space]!,
    })),
  )
}

function extentOf([offset, bytes, checksum]: DurableExtent): SpillExtent {
  return { offset, bytes, checksum }
}

/** The index that bytes of a file hold, or null if they hold none whose extents lie before `end`. */
export function parseIndex(text: string, end: number): DurableIndex | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null // What cannot be read is as good as not there.
  }
  if (!isObject(value)) return null
  const key = parseKey(value['key'])
  const spaces = listOf(value['spaces'], (space) => parseSpace(space, end))
  if (key === null || spaces === null) return null
  const partitions = listOf(value['partitions'], (blocks) =>
    listOf(blocks, (block): DurableBlock | null => {
      const words = numbersOf(block, 5)
      if (words === null || words[0]! >= spaces.length || words[2]! + words[3]! > end) return null
      return [words[0]!, words[1]!, words[2]!, words[3]!, words[4]!]
    }),
  )
  return partitions === null ? null : { key, spaces, partitions }
}

function parseKey(value: unknown): OutputKey | null {
  if (!isObject(value) || typeof value['jobId'] !== 'string') return null
  const numbers = numbersOf([value['stageId'], value['partition'], value['attempt']], 3)
  if (numbers === null) return null
  return { jobId: value['jobId'], stageId: numbers[0]!, partition: numbers[1]!, attempt: numbers[2]! }
}

function parseSpace(value: unknown, end: number): DurableSpace | null {
  if (!isObject(value)) return null
  const types = listOf(value['types'], (type) => checkDataType(type))
  const dictionaries = listOf(value['dictionaries'], (extent): DurableExtent | null => {
    const words = numbersOf(extent, 3)
    return words === null || words[0]! + words[1]! > end ? null : [words[0]!, words[1]!, words[2]!]
  })
  return types === null || dictionaries === null ? null : { types, dictionaries }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** All parts of an array, or null if it is none or one of them is not good. */
function listOf<T>(value: unknown, parse: (part: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null
  const parts: T[] = []
  for (const one of value as readonly unknown[]) {
    const part = parse(one)
    if (part === null) return null
    parts.push(part)
  }
  return parts
}

function numbersOf(value: unknown, count: number): number[] | null {
  const numbers = listOf(value, (part) =>
    typeof part === 'number' && Number.isSafeInteger(part) && part >= 0 ? part : null,
  )
  return numbers?.length === count ? numbers : null
}
