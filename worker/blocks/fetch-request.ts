import type { ReadCounts, ShuffleBlock } from '../../engine/shuffle/index.ts'
import type { OutputKey } from './output-key.ts'

/** Who serves blocks: an executor, or a worker that serves what its executors left on disk. */
export interface BlockHolder {
  readonly holderId: string
  readonly address: string
  /** PEM of its certificate; empty: plain text. */
  readonly certificate: string
}

/** Some partitions of a stage's output, from some of its maps; bounds as in `slice`. */
export interface MapSlice {
  readonly fromPartition: number
  readonly toPartition: number
  readonly fromMap: number
  readonly toMap: number
}

/** Which rows of a stage a task reads, and where they lie. */
export interface FetchInput {
  /** The stage, as the reader knows it. */
  readonly stageId: number
  /** Its name with the holders; another one if its rows are kept. */
  readonly source: { readonly jobId: string; readonly stageId: number }
  readonly holders: readonly BlockHolder[]
  /** By map partition: index of its holder. */
  readonly holderOfMap: readonly number[]
  readonly attemptOfMap: readonly number[]
  readonly slices: readonly MapSlice[]
  /**
   * Of a stage that many executors read whole, and pass on to each other; absent: everyone asks the holders.
   */
  readonly share?: {
    /** Who may have a copy and is asked first; null: nobody. */
    readonly source: BlockHolder | null
    /** Whether what is fetched stays here as a copy, for others. */
    readonly passOn: boolean
  }
}

/** The blocks of a task's inputs. Their memory and files stay until `release` is called. */
export interface FetchedInputs {
  /** By stage, as the reader knows it; in the order of slices, maps and partitions. */
  readonly blocks: ReadonlyMap<number, readonly ShuffleBlock[]>
  /** What came over the network, and how long it took here. */
  readonly counts: Readonly<ReadCounts>
  release(): void
}

/** One range that is to be had. */
export interface Wanted {
  readonly key: OutputKey
  readonly holder: BlockHolder
  readonly fromPartition: number
  readonly toPartition: number
}

/** What an input asks for, one after the other. */
export function wantedOf({ source, holders, holderOfMap, attemptOfMap, slices }: FetchInput): Wanted[] {
  const wanted: Wanted[] = []
  for (const { fromPartition, toPartition, fromMap, toMap } of slices)
    for (let map = fromMap; map < Math.min(toMap, holderOfMap.length); map++) {
      const key = { ...source, partition: map, attempt: attemptOfMap[map]! }
      wanted.push({ key, holder: holders[holderOfMap[map]!]!, fromPartition, toPartition })
    }
  return wanted
}
