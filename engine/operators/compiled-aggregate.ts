import { type RecordBatch, takeBatch, type Vector, vectorBuilder } from '../batch/index.ts'
import {
  type CompiledPipeline,
  canCompile,
  compilePipeline,
  evaluatePredicate,
  type Pipeline,
} from '../evaluate/index.ts'
import { type AggregateSignature, lookupAggregate } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashAggregateExec, PhysicalPlan } from '../plan/index.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { TaskContext } from './operator.ts'

/**
 * A partial aggregate without keys, together with the filter below it, that runs as one compiled function.
 */
export interface CompiledAggregate {
  readonly pipeline: Pipeline
  /** What the function reads: the input of the filter, or of the aggregate if there is none. */
  readonly input: PhysicalPlan
}

/** The compiled form of a plan, if it has one. */
export function compiledFormOf(plan: PhysicalPlan): CompiledAggregate | null {
  if (plan.kind !== 'HashAggregateExec' || plan.mode !== 'partial' || plan.keys.length > 0) return null
  const filter = plan.input.kind === 'FilterExec' ? plan.input : null
  const pipeline: Pipeline = { predicate: filter?.predicate ?? null, calls: plan.calls }
  return canCompile(pipeline) ? { pipeline, input: filter?.input ?? plan.input } : null
}

/** Runs the compiled function batch by batch; a batch that it was not made for is interpreted. */
export async function* runCompiledAggregate(
  node: HashAggregateExec,
  { pipeline }: CompiledAggregate,
  input: AsyncIterable<RecordBatch>,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const held = context.createRegion()
  const scratch = context.createRegion()
  try {
    const compiled = compilePipeline(pipeline, context.pool.memory)
    const aggregates = node.calls.map((call) => new GroupedAggregate(call, held, context))
    for (const aggregate of aggregates) aggregate.resize(1)
    let isEmpty = true
    for await (const batch of input) {
      context.checkCancelled()
      if (batch.rowCount === 0) continue
      scratch.reset()
      const rowCount = addBatch(pipeline, compiled, aggregates, batch, scratch, context)
      if (rowCount > 0) isEmpty = false
    }
    if (isEmpty) return
    scratch.reset()
    yield { rowCount: 1, columns: aggregates.flatMap((aggregate) => aggregate.state(0, 1, scratch)) }
  } finally {
    scratch.free()
    held.free()
  }
}

/** Adds a batch; gives the number of its rows that passed the filter. */
function addBatch(
  pipeline: Pipeline,
  compiled: CompiledPipeline | null,
  aggregates: readonly GroupedAggregate[],
  batch: RecordBatch,
  scratch: Region,
  context: TaskContext,
): number {
  const totals = compiled?.(batch, scratch) ?? null
  if (totals === null) return addInterpreted(pipeline, aggregates, batch, scratch, context)
  if (totals.rowCount === 0) return 0
  const groups = scratch.int32(1).fill(0)
  pipeline.calls.forEach((call, index) => {
    const value = call.name === 'count' ? BigInt(totals.rowCount) : totals.sums[index]!
    aggregates[index]!.merge([stateVector(call, value, scratch)], groups, 1)
  })
  return totals.rowCount
}

function stateVector(call: Pipeline['calls'][number], value: bigint, scratch: Region): Vector {
  const argTypes = call.args.map((arg) => arg.type)
  const signature: AggregateSignature = lookupAggregate(call.name)!.resolve(
    argTypes,
    argTypes.map(() => undefined),
  )
  const builder = vectorBuilder(signature.state[0]!, scratch, 1)
  builder.append(value)
  return builder.finish()
}

function addInterpreted(
  { predicate }: Pipeline,
  aggregates: readonly GroupedAggregate[],
  batch: RecordBatch,
  scratch: Region,
  context: TaskContext,
): number {
  const evalContext = context.evalContext(scratch)
  let passed = batch
  if (predicate !== null) {
    const { indices, count } = evaluatePredicate(predicate, batch, evalContext)
    passed = takeBatch(batch, indices, count, scratch)
  }
  const groups = scratch.int32(passed.rowCount).fill(0)
  if (passed.rowCount > 0) for (const aggregate of aggregates) aggregate.update(passed, groups, evalContext)
  return passed.rowCount
}
