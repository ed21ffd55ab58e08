import type { RecordBatch } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { JoinBuildExec, TableReadExec } from '../plan/index.ts'
import { isSpilled } from '../shuffle/index.ts'
import { collectInput } from './collect.ts'
import { concatBatches } from './concat-batches.ts'
import { buildJoinTable, type JoinTable, type JoinTableNeeds } from './join-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/** Makes the table that all tasks of the join probe. Gives no rows: the table is what its stage leaves. */
export const joinBuild: Operator<JoinBuildExec> = {
  // biome-ignore lint/correctness/useYield: what it gives is left with the context.
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    const build = await buildRows(node, input!, region, context)
    const table = tableOf(build, node, node, region, context)
    context.count(node.id, 'buildRows', build.rowCount)
    context.leaveTable(table, region)
  },
}

/** All rows of the build side in `region`. What an earlier stage left stays while it is copied. */
async function buildRows(
  node: JoinBuildExec,
  input: AsyncIterable<RecordBatch>,
  region: Region,
  context: TaskContext,
): Promise<RecordBatch> {
  if (node.input.kind !== 'ShuffleReadExec') return collectInput(input, node.schema, region, context)
  const blocks = context.shuffleBlocks(node.input.stageId)
  const batches = blocks.flatMap((block) => (isSpilled(block) ? [] : [block]))
  if (batches.length < blocks.length) return collectInput(input, node.schema, region, context)
  const rows = concatBatches(batches, node.schema, region)
  context.count(node.input.id, 'rows', rows.rowCount)
  return rows
}

/** Gives no rows: joins ask the context for the table. */
export const tableRead: Operator<TableReadExec> = {
  async *execute(): AsyncIterable<RecordBatch> {
    yield* []
  },
}

/** The table over rows that lie in `region`, where everything else of it lies too. */
export function tableOf(
  build: RecordBatch,
  { keys, nullSafe }: { readonly keys: readonly Expr[]; readonly nullSafe: readonly boolean[] },
  needs: JoinTableNeeds,
  region: Region,
  context: TaskContext,
): JoinTable {
  const evalContext = context.evalContext(region)
  const vectors = keys.map((expr) => evaluate(expr, build, evalContext))
  const types = keys.map(({ type }) => type)
  return buildJoinTable(build, vectors, types, nullSafe, needs, evalContext)
}
