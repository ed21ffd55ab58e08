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
  /** Runs before those that count. */
  readonly warmups: number
  readonly memory: string | undefined
  readonly timeoutMs: number
  /** A folder of expected answers, `q01.csv` …; null for none. */
  readonly expected: string | null
  /** Whole processes instead of warm ones. */
  readonly cold: boolean
  /** A folder for a profile of Millrace. */
  readonly profile: string | null
  readonly out: string | null
}

/** Work over the same files, done by all engines in turn. */
export interface Part {
  /** Name of the part in the report: `tpch sf1`. */
  readonly name: string
  readonly tables: EngineConfig['tables']
  readonly work: readonly Work[]
  /** Each piece of work is a process of its own, timed from its start to its end. */
  readonly wholeProcesses?: boolean
  /** Instead of peers: where Millrace runs its jobs, by the name of the engine; `millrace` comes first. */
  readonly masters?: Readonly<Record<string, string>>
  readonly expected?: (name: string) => EngineReply | null
}

/** Makes the parts of a suite, and the data they need. */
export type Suite = (options: BenchOptions) => Promise<readonly Part[]>

/** The pieces of work that were asked for. */
export function chosen<T extends { readonly name: string }>(
  work: readonly T[],
  { queries }: BenchOptions,
): readonly T[] {
  if (queries === null) return work
  const unknown = queries.filter((name) => work.every((one) => one.name !== name))
  if (unknown.length > 0) throw new Error(`"${unknown[0]}" is none of: ${work.map(({ name }) => name)}`)
  return work.filter(({ name }) => queries.includes(name))
}
