import type { RecordBatch, SpillReader, SpillTables, SpillWriter } from '../batch/index.ts'
import type { FileSystem, TableSink, TableSource, WrittenPart } from '../connect/index.ts'
import type { EvalContext } from '../evaluate/index.ts'
import type { QuerySettings } from '../functions/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import type { PhysicalPlan } from '../plan/index.ts'
import type { ShuffleBlock } from '../shuffle/index.ts'
import type { UserTask } from '../user-code/index.ts'
import type { BuildSide } from './build-side.ts'

/** What a task gives its operators. One a task, so one thread uses it. */
export interface TaskContext {
  readonly pool: MemoryPool
  readonly settings: QuerySettings
  readonly partition: number
  readonly attempt: number
  /** A region that the task frees at its end, if the operator has not freed it before. */
  createRegion(): Region
  /** A new spill file, counted as `spillFiles` and `spillBytes` of the node; removed with the task. */
  createSpill(nodeId: number): SpillWriter
  /** Reads what was spilled: by this task's writer, or by another thread if none is given. */
  openSpill(tables: SpillTables, writer?: SpillWriter): SpillReader
  /** CANCELLED if the job was cancelled. Call it once a batch, and in long loops. */
  checkCancelled(): void
  /** Adds to a metric of a node: `spillBytes`, `buildRows`. Rows out and time are counted by the runner. */
  count(nodeId: number, metric: string, amount: number): void
  /**
   * The context for `evaluate`, with the region results go to. `rowOffset`: rows of this partition before the
   * batch.
   */
  evalContext(region: Region, rowOffset?: number): EvalContext
  source(name: string): TableSource
  sink(name: string): TableSink
  fileSystem(path: string): FileSystem
  /** What an earlier stage left for this partition, for `readBlocks`. */
  shuffleBlocks(stageId: number): readonly ShuffleBlock[]
  /** The table that a build stage left, for the joins that probe it. It stays until the task ends. */
  joinTable(stageId: number): BuildSide
  /** Leaves the table of a build stage; its region, and file if it has one, then belong to the job. */
  leaveTable(table: BuildSide, region: Region, spill?: SpillWriter): void
  /** Keeps what a sink wrote for the driver's commit. */
  leavePart(part: WrittenPart): void
  /** Runs the program of a UserCodeExec over the rows of its input. */
  runUserCode(
    program: unknown,
    input: AsyncIterable<RecordBatch> | null,
    task: UserTask,
  ): AsyncIterable<RecordBatch>
}

/**
 * One kind of node. A batch that `execute` yields is valid until the consumer asks for the next one;
 * an operator that keeps rows copies them into a region of its own, and frees it in `finally`.
 * Empty batches may be yielded and must be coped with.
 */
export interface Operator<Node extends PhysicalPlan> {
  execute(
    node: Node,
    inputs: readonly AsyncIterable<RecordBatch>[],
    context: TaskContext,
  ): AsyncIterable<RecordBatch>
}
