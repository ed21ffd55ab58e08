import type { ShippedFunction } from './shipped-function.ts'

/**
 * What a UserCodeExec runs over one partition: values of `source` go through `steps`, and `output` says which
 * partition of the reader each belongs to. Plain data.
 *
 * Values travel in chunks: rows (partition int32, payload binary), where a payload is `encodeChunk` of some
 * values.
 */
export interface UserProgram {
  readonly source: ProgramSource
  readonly steps: readonly Step[]
  readonly output: ProgramOutput
  /** Number of the first partition of this program among those of its RDD: not 0 within a union. */
  readonly partitionOffset: number
}

/** Where values come from. */
export type ProgramSource =
  /** Chunks by partition, in shared memory. */
  | { readonly kind: 'values'; readonly partitions: readonly (readonly Uint8Array[])[] }
  /** Lines of pieces of files, by partition. */
  | { readonly kind: 'text'; readonly partitions: readonly (readonly TextPiece[])[] }
  /** A file that `saveChunks` has written, by partition. */
  | { readonly kind: 'saved'; readonly partitions: readonly string[] }
  /** Chunk rows of the input. */
  | { readonly kind: 'chunks' }
  /** Rows of the input, as objects by column name. `schema` is that of the input. */
  | { readonly kind: 'rows'; readonly schema: unknown }

/** The lines of a file that begin in [start, end). `gzip`: the whole file. */
export interface TextPiece {
  readonly path: string
  readonly start: number
  readonly end: number
  readonly gzip: boolean
}

/** How a value gets its key's first accumulator. */
export type CombineStart =
  | { readonly kind: 'value' }
  | { readonly kind: 'function'; readonly fn: ShippedFunction }
  | { readonly kind: 'zero'; readonly zero: unknown; readonly fn: ShippedFunction }

/** What a `cogroup` makes of the values of one key on each side. */
export type CogroupResult = 'groups' | 'inner' | 'left' | 'right' | 'full' | 'intersection' | 'subtract'

/** One step over the values of a partition. Pairs are arrays [key, value]. */
export type Step =
  | { readonly kind: 'map'; readonly fn: ShippedFunction }
  | { readonly kind: 'filter'; readonly fn: ShippedFunction }
  | { readonly kind: 'flatMap'; readonly fn: ShippedFunction }
  | { readonly kind: 'mapValues'; readonly fn: ShippedFunction }
  | { readonly kind: 'flatMapValues'; readonly fn: ShippedFunction }
  /** Value → [fn(value), value]. */
  | { readonly kind: 'keyBy'; readonly fn: ShippedFunction }
  /** Called for its effect; gives nothing. */
  | { readonly kind: 'foreach'; readonly fn: ShippedFunction }
  /** fn(iterable, partition) → iterable. */
  | { readonly kind: 'mapPartitions'; readonly fn: ShippedFunction }
  | { readonly kind: 'keys' }
  | { readonly kind: 'values' }
  /** Value → [value, value], or [value, null]. */
  | { readonly kind: 'pairWith'; readonly what: 'itself' | 'null' | 'one' }
  /** The whole partition as one array. */
  | { readonly kind: 'glom' }
  | {
      readonly kind: 'sample'
      readonly fraction: number
      readonly seed: number
      readonly replacement: boolean
    }
  /** The first values of the partition. */
  | { readonly kind: 'take'; readonly count: number }
  /** Value → [value, index], counted from `starts[partition]`. */
  | { readonly kind: 'zipWithIndex'; readonly starts: readonly number[] }
  /** One number: how many values. */
  | { readonly kind: 'count' }
  /** One value, or none if there are none. */
  | { readonly kind: 'reduce'; readonly fn: ShippedFunction }
  /** One value, from `zero` on. */
  | { readonly kind: 'aggregate'; readonly zero: unknown; readonly fn: ShippedFunction }
  /** One [count, mean, sum of squared differences, min, max, sum]. */
  | { readonly kind: 'stats' }
  /** One pair a key; a partial one may give a key more than once, and is combined again. */
  | {
      readonly kind: 'combine'
      readonly isPartial?: boolean
      readonly start: CombineStart
      readonly merge: ShippedFunction | 'add' | 'first'
    }
  /** Pairs → [key, values] by key, in order of arrival. */
  | { readonly kind: 'group' }
  | { readonly kind: 'cogroup'; readonly sides: number; readonly result: CogroupResult }
  /** Values of side 0 with values of side 1. */
  | { readonly kind: 'cartesian' }
  /** Pairs by key; stable. */
  | { readonly kind: 'sort'; readonly descending: boolean }
  /** The first `count` pairs by key. */
  | { readonly kind: 'takeOrdered'; readonly count: number; readonly descending: boolean }
  /** About `size` keys of pairs, evenly chosen, and the count: one [keys, count]. */
  | { readonly kind: 'sampleKeys'; readonly size: number; readonly seed: number }
  /** One value: the path of the file written, a line a value. */
  | { readonly kind: 'saveText'; readonly folder: string }
  /** One value: the path of the file written, for a source of kind `saved`. */
  | { readonly kind: 'saveChunks'; readonly folder: string }

/** Which partition values go to. */
export type ProgramOutput =
  /** The result, or a cache: they stay in their own. */
  | { readonly kind: 'own' }
  /** Rows of a table instead of chunks; `schema` is that of the node. */
  | { readonly kind: 'rows'; readonly schema: unknown }
  /** By hash of the key (`keyed`), or of the value. */
  | {
      readonly kind: 'hash'
      readonly partitionCount: number
      readonly side: number
      readonly keyed: boolean
    }
  /** Pairs by where their key lies between bounds. */
  | {
      readonly kind: 'range'
      readonly bounds: readonly unknown[]
      readonly descending: boolean
      readonly partitionCount: number
    }
  /** In turn. */
  | { readonly kind: 'roundRobin'; readonly partitionCount: number }
  /** All values of partition p to `targets[p]`. */
  | {
      readonly kind: 'move'
      readonly targets: readonly number[]
      readonly side: number
      readonly partitionCount: number
    }
  /** All values to all partitions. */
  | { readonly kind: 'all'; readonly side: number; readonly partitionCount: number }
