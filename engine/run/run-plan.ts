import { type RecordBatch, sliceBatch } from '../batch/index.ts'
import {
  columnsRead,
  fuseAggregate,
  fuseProbes,
  fuseTotal,
  hasTableForm,
  type JoinTable,
  type Operator,
  operators,
  probeRows,
  probeTotal,
  runAggregate,
  type TaskContext,
} from '../operators/index.ts'
import { inputsOf, type PhysicalPlan, partitionCountOf } from '../plan/index.ts'

/**
 * The rows of one partition of a plan without exchanges. Counts rows, batches and time of every node.
 * `needed`: the columns that are read of them; null: all.
 */
export function runPlan(
  plan: PhysicalPlan,
  context: TaskContext,
  needed: ReadonlySet<number> | null = null,
): AsyncIterable<RecordBatch> {
  if (plan.kind === 'UnionExec') return runUnion(plan, context)
  const total = fuseTotal(plan, (stageId) => tableOf(stageId, context))
  if (total !== null) {
    const batches = probeTotal(total, runPlan(total.probes.input, context), context)
    return finished(measured(batches, plan.id, context), context)
  }
  const fused = fuseAggregate(plan)
  if (fused !== null) {
    const input = runPlan(mayGiveCodes(fused.input), context, columnsRead(fused))
    const batches = runAggregate(fused.node, fused.predicate, input, context)
    return finished(measured(batches, plan.id, context), context)
  }
  const probes = fuseProbes(plan, (stageId) => tableOf(stageId, context), needed)
  if (probes !== null) {
    const batches = probeRows(probes, plan.id, runPlan(probes.input, context), context)
    return finished(measured(batches, plan.id, context), context)
  }
  const inputs = inputsOf(plan).map((input) =>
    plan.kind === 'HashAggregateExec' && plan.mode !== 'final'
      ? runPlan(mayGiveCodes(input), context, columnsRead({ node: plan, predicate: null }))
      : runPlan(input, context),
  )
  return start(plan, inputs, context)
}

/** The table of a stage, if compiled code can find rows in it. */
function tableOf(stageId: number, context: TaskContext): JoinTable | null {
  const side = context.joinTable(stageId)
  return side.kind === 'table' && hasTableForm(side) ? side : null
}

/** The input of an aggregate, which reads numbers as codes of a dictionary too. */
function mayGiveCodes(plan: PhysicalPlan): PhysicalPlan {
  return plan.kind === 'ScanExec' ? { ...plan, request: { ...plan.request, asCodes: true } } : plan
}

/** A partition of a union is a partition of one of its inputs. */
function runUnion(
  plan: PhysicalPlan & { kind: 'UnionExec' },
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const { index, partition } = unionPartition(plan.inputs, context.partition)
  const input = plan.inputs[index]
  if (input === undefined) return start(plan, [], context)
  return start(plan, [runPlan(input, withPartition(context, partition))], context)
}

/** Which input of a union a partition belongs to, and which partition of that input it is. */
export function unionPartition(
  inputs: readonly PhysicalPlan[],
  partition: number,
): { readonly index: number; readonly partition: number } {
  let rest = partition
  for (const [index, input] of inputs.entries()) {
    const count = partitionCountOf(input)
    if (rest < count) return { index, partition: rest }
    rest -= count
  }
  return { index: inputs.length, partition: rest }
}

/** The same task for another partition number. */
function withPartition(context: TaskContext, partition: number): TaskContext {
  return {
    pool: context.pool,
    settings: context.settings,
    attempt: context.attempt,
    partition,
    createRegion: () => context.createRegion(),
    createSpill: (nodeId) => context.createSpill(nodeId),
    openSpill: (tables, writer) => context.openSpill(tables, writer),
    checkCancelled: () => context.checkCancelled(),
    count: (nodeId, metric, amount) => context.count(nodeId, metric, amount),
    evalContext: (region, rowOffset) => ({ ...context.evalContext(region, rowOffset), partition }),
    source: (name) => context.source(name),
    sink: (name) => context.sink(name),
    fileSystem: (path) => context.fileSystem(path),
    shuffleBlocks: (stageId) => context.shuffleBlocks(stageId),
    joinTable: (stageId) => context.joinTable(stageId),
    leaveTable: (table, region, spill) => context.leaveTable(table, region, spill),
    leavePart: (part) => context.leavePart(part),
    runUserCode: (program, input, task) => context.runUserCode(program, input, task),
  }
}

function start(
  plan: PhysicalPlan,
  inputs: readonly AsyncIterable<RecordBatch>[],
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const operator = operators[plan.kind] as Operator<PhysicalPlan>
  const batches = measured(operator.execute(plan, inputs, context), plan.id, context)
  return finished(batches, context)
}

/** Tests cut batches into small ones. */
function finished(batches: AsyncIterable<RecordBatch>, context: TaskContext): AsyncIterable<RecordBatch> {
  const { batchRows } = context.settings
  return batchRows === undefined ? batches : inPieces(batches, batchRows, context)
}

/** Counts what a node gives. Time includes that of its inputs. */
async function* measured(
  batches: AsyncIterable<RecordBatch>,
  nodeId: number,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const iterator = batches[Symbol.asyncIterator]()
  let ms = 0
  let rows = 0
  let batchCount = 0
  try {
    for (;;) {
      const before = performance.now()
      const result = await iterator.next()
      ms += performance.now() - before
      if (result.done === true) return
      rows += result.value.rowCount
      batchCount++
      yield result.value
    }
  } finally {
    context.count(nodeId, 'rows', rows)
    context.count(nodeId, 'batches', batchCount)
    context.count(nodeId, 'ms', ms)
    await iterator.return?.()
  }
}

/**
 * The same rows in batches of at most `batchRows`: tests run everything so, to meet the borders of batches.
 */
async function* inPieces(
  batches: AsyncIterable<RecordBatch>,
  batchRows: number,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const region = context.createRegion()
  try {
    for await (const batch of batches) {
      for (let from = 0; from < batch.rowCount; from += batchRows) {
        region.reset()
        yield sliceBatch(batch, from, Math.min(batchRows, batch.rowCount - from), region)
      }
    }
  } finally {
    region.free()
  }
}
