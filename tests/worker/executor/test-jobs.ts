import { StageOrders } from '../../../driver/cluster/stage-orders.ts'
import type { SessionCore } from '../../../driver/session/index.ts'
import { type JobGraph, splitStages } from '../../../driver/stages/index.ts'
import { valueReader } from '../../../engine/batch/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { inputsOf, type PhysicalPlan, withInputs } from '../../../engine/plan/index.ts'
import { ChunkReader } from '../../../engine/shuffle/index.ts'
import { type ExecutorStream, endOf, SESSION_ID } from '../test-driver.ts'

let lastAttempt = 0

/** A job that a test drives by hand: it says which task runs on which executor. */
export class TestJob {
  readonly jobId: string
  readonly graph: JobGraph
  readonly #orders: StageOrders

  private constructor(jobId: string, graph: JobGraph, orders: StageOrders) {
    this.jobId = jobId
    this.graph = graph
    this.#orders = orders
  }

  static async of(
    core: SessionCore,
    query: string,
    number: number,
    storage: 'memory' | 'disk' = 'memory',
  ): Promise<TestJob> {
    const settings = core.settings()
    const jobId = `${SESSION_ID}/${number}`
    const plan = await core.runner.plan(await core.statement(query), settings)
    const graph = splitStages(withCopiedTables(plan))
    const options = { jobId, sessionId: SESSION_ID, settings, inlineBytes: 100_000, storage }
    return new TestJob(jobId, graph, new StageOrders(options))
  }

  sendStage(stream: ExecutorStream, stageId: number): void {
    for (const { kind } of this.#orders.piecesOf(this.graph, stageId))
      if (kind.case !== undefined) stream.send(kind)
  }

  /** Starts an attempt; its id. */
  launch(stream: ExecutorStream, stage: number, partition: number, attempt = 0): number {
    const attemptId = ++lastAttempt
    const task = { attemptId, jobId: this.jobId, stage, partition, attempt, slices: [] }
    stream.send({ case: 'launch', value: { tasks: [task] } })
    return attemptId
  }

  /** Runs a task to its end. */
  async run(stream: ExecutorStream, stage: number, partition: number, attempt = 0) {
    return await endOf(stream, this.launch(stream, stage, partition, attempt))
  }

  /** The job is over, here and there. */
  release(executors: readonly ExecutorStream[]): void {
    for (const executor of executors) executor.send({ case: 'release', value: { jobId: this.jobId } })
  }

  /** Says where the outputs of a stage lie, by map partition. */
  sendOutputs(
    stream: ExecutorStream,
    stage: number,
    places: readonly { readonly executor: ExecutorStream; readonly attempt?: number }[],
    version = 1,
  ): void {
    const hosts = places.map(({ executor }) => blockHost(executor))
    const hostOfPartition = places.map((_, index) => index)
    const attemptOfPartition = places.map(({ attempt }) => attempt ?? 0)
    const value = { jobId: this.jobId, stage, version, hosts, hostOfPartition, attemptOfPartition }
    stream.send({ case: 'outputs', value })
  }
}

/** As planners for clusters do it: a table is made of rows that are fetched, by each executor. */
function withCopiedTables(plan: PhysicalPlan): PhysicalPlan {
  const inputs = inputsOf(plan).map(withCopiedTables)
  const copied = inputs.length === 0 ? plan : withInputs(plan, inputs)
  if (copied.kind !== 'JoinBuildExec' || copied.input.kind === 'ExchangeExec') return copied
  const { input, schema } = copied
  const distribution = { kind: 'broadcast' } as const
  return withInputs(copied, [{ kind: 'ExchangeExec', id: 1000 + copied.id, schema, input, distribution }])
}

function blockHost(executor: ExecutorStream) {
  const hello = executor.reports.find((report) => report.case === 'hello')
  if (hello?.case !== 'hello') throw new Error('the executor has said hello')
  const { executorId, blockAddress, blockCertificate } = hello.value
  return { executorId, address: blockAddress, certificate: blockCertificate }
}

/** Rows of chunks, as arrays of numbers. */
export function rowsOf(chunks: readonly Uint8Array[], pool: MemoryPool): number[][] {
  const reader = new ChunkReader(pool)
  const region = pool.createRegion()
  try {
    const rows: number[][] = []
    for (const chunk of chunks)
      for (const { batch } of reader.read(chunk, region)) {
        const columns = batch.columns.map((column) => valueReader(column))
        for (let row = 0; row < batch.rowCount; row++) rows.push(columns.map((read) => Number(read(row))))
      }
    return rows
  } finally {
    region.free()
    reader.free()
  }
}
