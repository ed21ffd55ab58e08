import { listDataFiles } from '../../connectors/file/index.ts'
import { fileSystemOf } from '../../connectors/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { sharedChunks, type TextPiece } from '../../engine/user-code/index.ts'
import { plainPlan } from '../../sql/analyzer/index.ts'
import type { DataFrame, RowObject } from '../../sql/dataframe/index.ts'
import { RDD } from './rdd.ts'
import type { RddNode } from './rdd-node.ts'
import { type RddCore, RddRunner } from './rdd-runner.ts'

/** Bytes of a plain text file that one partition reads. */
const SPLIT_BYTES = 16 << 20

/** Makes RDDs: what a Session's methods lead to. */
export class RddContext {
  readonly runner: RddRunner

  constructor(core: RddCore) {
    this.runner = new RddRunner(core)
  }

  /** Values of the program in partitions of about equal size; as many as threads by default. */
  parallelize<T>(values: Iterable<T>, partitions: number = this.runner.core.jobs.slots): RDD<T> {
    const all = [...values]
    const count = Math.max(1, Math.floor(partitions))
    const slices = Array.from({ length: count }, (_, p) =>
      all.slice(Math.floor((p * all.length) / count), Math.floor(((p + 1) * all.length) / count)),
    )
    return this.#rdd({ kind: 'source', source: { kind: 'values', partitions: sharedChunks(slices) } })
  }

  /** No values, no partitions. */
  empty<T>(): RDD<T> {
    return this.#rdd({ kind: 'source', source: { kind: 'values', partitions: [] } })
  }

  /**
   * The lines of a file, a folder, a glob, or several of these separated by commas: UTF-8, without line ends;
   * files that end in .gz are unpacked. Large files are read in pieces; `minPartitions` makes the pieces
   * smaller. FILE_NOT_FOUND comes with the action.
   */
  textFile(path: string, minPartitions?: number): RDD<string> {
    return this.#rdd({
      kind: 'deferred',
      async resolve({ slots }) {
        const partitions = await textPartitions(path, minPartitions ?? slots)
        return { kind: 'source', source: { kind: 'text', partitions } }
      },
    })
  }

  /** The rows of a query as objects by column name; `make` plans it when an action runs. */
  fromPlan<T>(make: () => Promise<PhysicalPlan>): RDD<T> {
    return this.#rdd({ kind: 'plan', make })
  }

  /** The rows of a DataFrame as objects. */
  fromDataFrame<R extends object>(frame: DataFrame<R>): RDD<RowObject<R>> {
    const { core } = this.runner
    if (core.planOf === undefined)
      throw new EngineError('UNSUPPORTED_FEATURE', 'RDDs of DataFrames outside of a session')
    return this.fromPlan<RowObject<R>>(async () => await core.planOf!(plainPlan(await frame.lazy.resolve())))
  }

  #rdd<T>(node: RddNode): RDD<T> {
    return new RDD<T>(node, this.runner)
  }
}

async function textPartitions(path: string, minPartitions: number): Promise<TextPiece[][]> {
  const files = await listDataFiles(fileSystemOf(path), path)
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const goal = Math.max(1, Math.min(SPLIT_BYTES, Math.ceil(total / Math.max(1, minPartitions))))
  const partitions: TextPiece[][] = []
  for (const file of files) {
    const gzip = /\.gz$/i.test(file.path)
    if (file.sizeBytes === 0) continue
    const count = gzip ? 1 : Math.ceil(file.sizeBytes / goal)
    const step = Math.ceil(file.sizeBytes / count)
    for (let start = 0; start < file.sizeBytes; start += step)
      partitions.push([{ path: file.path, start, end: Math.min(file.sizeBytes, start + step), gzip }])
  }
  return packed(partitions, goal, minPartitions)
}

/** Many small files share partitions. */
function packed(
  pieces: readonly (readonly TextPiece[])[],
  goal: number,
  minPartitions: number,
): TextPiece[][] {
  if (pieces.length <= minPartitions * 2) return pieces.map((each) => [...each])
  const partitions: TextPiece[][] = []
  let room = 0
  for (const piece of pieces.flat()) {
    const size = piece.end - piece.start
    if (size > room) {
      partitions.push([])
      room = goal
    }
    partitions.at(-1)!.push(piece)
    room -= size
  }
  return partitions
}
