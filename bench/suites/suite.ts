import type { EngineConfig, EngineReply } from '../run/engine-process.ts'
import type { Work } from '../run/measure.ts'

/** What a run of the bench was asked for. */
export interface BenchOptions {
  readonly suite: string
  readonly scaleFactor: number
  readonly rows: number
  /** A folder with data; null for generated data in the cache. */
  readonly data: string | null
  readonly peers: readonly string[]
  /** Names of the work to do; null for all. */
  readonly queries: readonly string[] | null
  readonly threads: number
  readonly runs: number
  readonly warmups: number
  readonly memory: string | undefined
  readonly timeoutMs: number
  /** A folder of expected answers, `q01.csv` …; null for none. */
  readonly expected: string | null
  /** Whole processes instead of warm ones. */
  readonly cold: boolean
  readonly out: string | null
}

/** Work over the same files, done by all engines in turn. */
export interface Part {
  /** Name of the part in the report: `tpch sf1`. */
  readonly name: string
  readonly tables: EngineConfig['tables']
  readonly work: readonly Work[]
  readonly expected?: (name: string) => EngineReply | null
}
