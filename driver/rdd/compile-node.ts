import { inputsOf, type PhysicalPlan, partitionCountOf, renumber } from '../../engine/plan/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import {
  chunkSchema,
  type ProgramOutput,
  type ProgramSource,
  type ShippedFunction,
  type Step,
  type UserProgram,
} from '../../engine/user-code/index.ts'
import type { JobContext, KeptStage, RddNode } from './rdd-node.ts'
import { isRowsOfRdd } from './rows-of-rdd.ts'

/** What an action wants: chunks, or rows of a table. */
export type ResultOutput = Extract<ProgramOutput, { readonly kind: 'own' | 'rows' }>

/** Ids of plan nodes, which name them in metrics. */
export interface NodeIds {
  next: number
}

/**
 * The plan whose rows are the chunks of an RDD. Steps without an exchange between them run as one program:
 *
 * ```
 * reduceByKey(map(textFile))   UserCodeExec(chunks, combine) ← Exchange(direct) ← UserCodeExec(text, map,
 * combine) ```
 */
export async function compileNode(
  node: RddNode,
  run: JobContext,
  output: ResultOutput = { kind: 'own' },
): Promise<PhysicalPlan> {
  return await compile(node, [], output, 0, run, { next: 0 })
}

async function compile(
  node: RddNode,
  steps: readonly Step[],
  output: ProgramOutput,
  partitionOffset: number,
  run: JobContext,
  ids: NodeIds,
): Promise<PhysicalPlan> {
  const program = (
    source: ProgramSource,
    input: PhysicalPlan | null,
    partitionCount: number,
  ): PhysicalPlan => {
    const data: UserProgram = { source, steps, output, partitionOffset }
    const schema = schemaOf(output)
    return { kind: 'UserCodeExec', id: ids.next++, schema, input, partitionCount, program: data }
  }
  switch (node.kind) {
    case 'source':
      return program(node.source, null, node.source.partitions.length)
    case 'plan': {
      const input = renumbered(await node.make(), ids)
      return program({ kind: 'rows', schema: input.schema }, input, partitionCountOf(input))
    }
    case 'step':
      return await compile(node.input, [node.step, ...steps], output, partitionOffset, run, ids)
    case 'union': {
      const inputs: PhysicalPlan[] = []
      let offset = partitionOffset
      for (const input of node.inputs) {
        const plan = await compile(input, steps, output, offset, run, ids)
        offset += partitionCountOf(plan)
        inputs.push(plan)
      }
      return { kind: 'UnionExec', id: ids.next++, schema: schemaOf(output), inputs }
    }
    case 'exchange': {
      const inputs: PhysicalPlan[] = []
      const partitionCount = node.outputs[0]!.partitionCount || run.slots
      for (const [index, input] of node.inputs.entries()) {
        const moving = { ...node.outputs[index]!, partitionCount }
        inputs.push(await compile(input, [], moving, 0, run, ids))
      }
      const id = ids.next++
      const input: PhysicalPlan =
        inputs.length === 1 ? inputs[0]! : { kind: 'UnionExec', id: ids.next++, schema: chunkSchema, inputs }
      const distribution = { kind: 'direct', column: 0, partitionCount } as const
      const exchange: PhysicalPlan = { kind: 'ExchangeExec', id, schema: chunkSchema, input, distribution }
      return program({ kind: 'chunks' }, exchange, partitionCount)
    }
    case 'deferred':
      return await compile(await run.resolve(node), steps, output, partitionOffset, run, ids)
    case 'cached': {
      if (run.keepsStages) {
        const exchange = forward(await node.cache.stage(run, node.input), ids)
        return program({ kind: 'chunks' }, exchange, partitionCountOf(exchange))
      }
      const partitions = await node.cache.chunks(run, node.input)
      return program({ kind: 'values', partitions }, null, partitions.length)
    }
  }
}

/** The kept rows, partition by partition. The nodes get ids of this plan. */
function forward({ plan, key, storage }: KeptStage, ids: NodeIds): PhysicalPlan {
  const distribution = { kind: 'forward', partitionCount: partitionCountOf(plan) } as const
  const id = ids.next++
  const input = renumber(plan, () => ids.next++)
  return { kind: 'ExchangeExec', id, schema: chunkSchema, input, distribution, keep: key, storage }
}

/** The columns of a program: those of its rows, or chunks. */
function schemaOf(output: ProgramOutput): Schema {
  return output.kind === 'rows' ? (output.schema as Schema) : chunkSchema // Put there by `rowPlan`.
}

/** A query's plan with ids that no node of ours has. */
function renumbered(plan: PhysicalPlan, ids: NodeIds): PhysicalPlan {
  const highest = (each: PhysicalPlan): number => Math.max(each.id, ...inputsOf(each).map(highest))
  ids.next = Math.max(ids.next, highest(plan) + 1)
  return plan
}

/** Every function that the programs of a plan call. */
export function functionsOf(plan: PhysicalPlan): ShippedFunction[] {
  const below = inputsOf(plan).flatMap(functionsOf)
  if (plan.kind !== 'UserCodeExec') return below
  if (isRowsOfRdd(plan.program)) return [...below, ...functionsOf(plan.program.plan)]
  const { steps } = plan.program as UserProgram // Programs of plans that RDDs compile to.
  return [...below, ...steps.flatMap(functionsOfStep)]
}

function functionsOfStep(step: Step): ShippedFunction[] {
  if ('fn' in step) return [step.fn]
  if (step.kind !== 'combine') return []
  const { start, merge } = step
  return [...('fn' in start ? [start.fn] : []), ...(typeof merge === 'string' ? [] : [merge])]
}
