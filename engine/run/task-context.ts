import { type RecordBatch, SpillReader, type SpillTables, SpillWriter } from '../batch/index.ts'
import type { FileSystem, TableSink, TableSource, WrittenPart } from '../connect/index.ts'
import { assert, EngineError } from '../errors.ts'
import type { EvalContext } from '../evaluate/index.ts'
import type { QuerySettings } from '../functions/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import type { BuildSide, TaskContext } from '../operators/index.ts'
import type { ShuffleBlock, ShuffleOutput } from '../shuffle/index.ts'
import type { UserTask } from '../user-code/index.ts'
import { fromPublic } from './from-public.ts'
import { addMetric, type PlanMetrics } from './metrics.ts'
import { toPublic } from './rows.ts'

/** What a process offers its tasks: connectors by name, file systems by path, shipped functions by id. */
export interface Services {
  source(name: string): TableSource
  sink(name: string): TableSink
  fileSystem(path: string): FileSystem
  userFunction: NonNullable<EvalContext['userFunctions']>
  runUserCode: TaskContext['runUserCode']
}

export interface TaskContextOptions {
  readonly pool: MemoryPool
  readonly services: Services
  readonly settings: QuerySettings
  /** The job, for regions. */
  readonly tag: number
  readonly partition: number
  readonly attempt: number
  readonly isCancelled: () => boolean
  readonly shuffleInputs: ReadonlyMap<number, readonly ShuffleBlock[]>
  readonly tables: ReadonlyMap<number, BuildSide>
}

/** Arguments and results of user functions are what a program sees everywhere: Decimal, LocalDate … */
const publicValues: NonNullable<EvalContext['publicValues']> = {
  toPublic: (value, type) => toPublic(type, 'argument', {})(value),
  fromPublic: (value, type) => fromPublic(value, type, 'result'),
}

/** The context of one task. `close` frees every region the task still holds and removes its
 * spill files. */
export class LocalTaskContext implements TaskContext {
  readonly pool: MemoryPool
  readonly settings: QuerySettings
  readonly partition: number
  readonly attempt: number
  readonly metrics: PlanMetrics = {}
  /** What sinks wrote, for the driver's commit. */
  readonly parts: WrittenPart[] = []
  readonly #options: TaskContextOptions
  readonly #regions = new Set<Region>()
  #table: { readonly table: BuildSide; readonly region: Region; readonly spill?: SpillWriter } | null = null
  readonly #spills = new Set<{ free(): void }>()

  constructor(options: TaskContextOptions) {
    this.#options = options
    this.pool = options.pool
    this.settings = options.settings
    this.partition = options.partition
    this.attempt = options.attempt
  }

  createRegion(): Region {
    const region = this.pool.createRegion(this.#options.tag)
    this.#regions.add(region)
    return region
  }

  createSpill(nodeId: number): SpillWriter {
    const file = this.pool.spill.createFile(this.#options.tag)
    this.count(nodeId, 'spillFiles', 1)
    const count = (bytes: number): void => this.count(nodeId, 'spillBytes', bytes)
    const writer = new SpillWriter(file, this.createRegion(), count)
    this.#spills.add(writer)
    return writer
  }

  openSpill(tables: SpillTables, writer?: SpillWriter): SpillReader {
    const reader = new SpillReader(this.pool, tables, () => this.createRegion(), writer?.file)
    this.#spills.add(reader)
    return reader
  }

  checkCancelled(): void {
    if (this.#options.isCancelled()) throw new EngineError('CANCELLED', 'the job was cancelled')
  }

  count(nodeId: number, metric: string, amount: number): void {
    addMetric(this.metrics, nodeId, metric, amount)
  }

  evalContext(region: Region, rowOffset = 0): EvalContext {
    const userFunctions = this.#options.services.userFunction
    return {
      region,
      settings: this.settings,
      partition: this.partition,
      rowOffset,
      userFunctions,
      publicValues,
    }
  }

  source(name: string): TableSource {
    return this.#options.services.source(name)
  }

  sink(name: string): TableSink {
    return this.#options.services.sink(name)
  }

  fileSystem(path: string): FileSystem {
    return this.#options.services.fileSystem(path)
  }

  shuffleBlocks(stageId: number): readonly ShuffleBlock[] {
    return this.#options.shuffleInputs.get(stageId) ?? []
  }

  joinTable(stageId: number): BuildSide {
    const table = this.#options.tables.get(stageId)
    assert(table !== undefined, `the table of stage ${stageId} did not come with the task`)
    return table
  }

  leaveTable(table: BuildSide, region: Region, spill?: SpillWriter): void {
    this.#table = spill === undefined ? { table, region } : { table, region, spill }
  }

  /** The table that the task left, if any. */
  get table(): BuildSide | null {
    return this.#table?.table ?? null
  }

  /** Lets go of the table's region and file, which somebody else frees from now on. */
  releaseTable(): ShuffleOutput {
    assert(this.#table !== null, 'the task of a build stage left no table')
    const { table, region, spill } = this.#table
    const bytes = region.heldBytes + (spill?.file.bytes ?? 0)
    const { rowCount } = table.kind === 'parted' ? table : table.build
    if (spill !== undefined) {
      this.#spills.delete(spill)
      spill.close()
    }
    this.#regions.delete(region)
    const spillPath = spill?.file.path ?? null
    return { partitions: [], regionId: region.release(), spillPath, rowCount, bytes }
  }

  leavePart(part: WrittenPart): void {
    this.parts.push(part)
  }

  runUserCode(
    program: unknown,
    input: AsyncIterable<RecordBatch> | null,
    task: UserTask,
  ): AsyncIterable<RecordBatch> {
    return this.#options.services.runUserCode(program, input, task)
  }

  close(): void {
    for (const spill of this.#spills) spill.free()
    this.#spills.clear()
    for (const region of this.#regions) region.free()
    this.#regions.clear()
  }
}
