import type { ColumnStatistics, TableStatistics } from '../../engine/connect/index.ts'
import type { ChunkMetadata, ParquetMetadata } from '../../engine/formats/parquet/index.ts'
import type { Value } from '../../engine/types/index.ts'

/** What the footers of a table's files know: rows, and the bounds of top-level columns, by name. */
export function footerStatistics(files: readonly ParquetMetadata[], sizeBytes: number): TableStatistics {
  const [only, ...others] = files
  if (only === undefined || others.length > 0) return statisticsOf(files, sizeBytes)
  const known = ofFiles.get(only)
  if (known !== undefined) return known
  const made = statisticsOf(files, sizeBytes)
  ofFiles.set(only, made)
  return made
}

/** A footer is read once, and a table of one file asks for it with every query. */
const ofFiles = new WeakMap<ParquetMetadata, TableStatistics>()

function statisticsOf(files: readonly ParquetMetadata[], sizeBytes: number): TableStatistics {
  const chunks = new Map<string, ChunkMetadata[]>()
  for (const { leaves, rowGroups } of files)
    for (const { index, path } of leaves) {
      if (path.length !== 1) continue
      const known = chunks.get(path[0]!) ?? []
      chunks.set(path[0]!, [...known, ...rowGroups.map((group) => group.chunks[index]!)])
    }
  const columns = Object.fromEntries([...chunks].map(([name, own]) => [name, columnStatistics(own)]))
  return { rowCount: files.reduce((sum, each) => sum + each.rowCount, 0), sizeBytes, columns }
}

function columnStatistics(chunks: readonly ChunkMetadata[]): ColumnStatistics {
  let known: ColumnStatistics | undefined
  for (const { bounds } of chunks) known = merged(known, bounds)
  const distinctEstimate = distinctByCodes(chunks)
  return { ...known, ...(distinctEstimate === undefined ? {} : { distinctEstimate }) }
}

/** Codes of more bits come with dictionaries that are too large to tell the bits from the size of a chunk. */
const MOST_CODE_BITS = 13
/** With fewer, codes come in runs, which say nothing of how many there are. */
const LEAST_CODE_BITS = 0.9

/**
 * How many values a column has, from the size of its dictionary's codes: k values take codes of log2(k) bits,
 * rounded up.
 */
function distinctByCodes(chunks: readonly ChunkMetadata[]): number | undefined {
  if (chunks.length === 0 || !chunks.every(({ hasDictionary }) => hasDictionary)) return undefined
  const bytes = chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0)
  const values = chunks.reduce((sum, { valueCount }) => sum + valueCount, 0)
  const bits = (bytes * 8) / Math.max(1, values)
  if (bits < LEAST_CODE_BITS || bits > MOST_CODE_BITS) return undefined
  // The middle of the numbers that need so many bits. Headers and the dictionary add a part of a bit.
  return 0.75 * 2 ** Math.max(1, Math.round(bits - 0.2))
}

interface Bounds {
  readonly min: Value
  readonly max: Value
  readonly nullCount: number | null
}

/** A bound that one row group does not know is not known. */
function merged(known: ColumnStatistics | undefined, { min, max, nullCount }: Bounds): ColumnStatistics {
  if (known === undefined) return { min, max, ...(nullCount === null ? {} : { nullCount }) }
  return {
    min: outer(known.min ?? null, min, (a, b) => a < b),
    max: outer(known.max ?? null, max, (a, b) => a > b),
    ...(nullCount === null || known.nullCount === undefined
      ? {}
      : { nullCount: known.nullCount + nullCount }),
  }
}

function outer(a: Value, b: Value, isOutside: (a: never, b: never) => boolean): Value {
  if (a === null || b === null) return null
  return isOutside(a as never, b as never) ? a : b
}
