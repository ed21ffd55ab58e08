import type { Expr } from '../../../engine/expr/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import type { BuildSide } from '../../../engine/operators/build-side.ts'
import { hashJoin } from '../../../engine/operators/hash-join.ts'
import { joinBuild } from '../../../engine/operators/join-build.ts'
import type { TaskContext } from '../../../engine/operators/operator.ts'
import {
  type HashJoinExec,
  type JoinBuildExec,
  type JoinType,
  joinRoles,
  needsMarks,
  type PhysicalPlan,
} from '../../../engine/plan/index.ts'
import { type DataType, types } from '../../../engine/types/index.ts'
import { column, inputOf, leaf, type Row, runOperator, schemaFor, taskContext } from './run-operator.ts'

/** All join types with a condition of any kind. */
export const JOIN_TYPES = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'existence'] as const

/** Column `index` of the left side is less than column `other` of both. */
export const condition = (index: number, other: number): Expr => ({
  kind: 'call',
  name: '<',
  args: [column(index, types.int32), column(other, types.int32)],
  type: types.boolean,
})

/** A join by all columns but the last of both sides, which are alike. */
export function joinNode(
  joinType: JoinType,
  build: 'left' | 'right',
  keyTypes: readonly DataType[],
  nullSafe: readonly boolean[],
  residual: Expr | null,
): HashJoinExec {
  const rowTypes = [...keyTypes, types.int32]
  const keys = keyTypes.map((type, index) => column(index, type))
  return {
    kind: 'HashJoinExec',
    id: 1,
    schema: schemaFor([]),
    left: leaf(rowTypes),
    right: leaf(rowTypes),
    joinType,
    build,
    leftKeys: keys,
    rightKeys: keys,
    nullSafe,
    condition: residual,
  }
}

export interface RunSettings {
  /** Hears the counters of all nodes. */
  readonly counts?: Record<string, number>
  readonly batchRows?: number
}

/** One task with a table of its own. */
export function runAlone(
  node: HashJoinExec,
  left: readonly Row[],
  right: readonly Row[],
  pool: MemoryPool,
  random: () => number,
  { counts = {}, batchRows = 13 }: RunSettings = {},
): Promise<Row[]> {
  const types = node.left.schema.fields.map(({ type }) => type)
  const inputs = [
    inputOf(pool, types, left, batchRows, random),
    inputOf(pool, types, right, batchRows, random),
  ]
  return runOperator(hashJoin, node, inputs, taskContext(pool, counts))
}

/** A build task, then three tasks that probe its table, each a part of the other side. */
export async function runShared(
  node: HashJoinExec,
  left: readonly Row[],
  right: readonly Row[],
  pool: MemoryPool,
  random: () => number,
  { counts = {}, batchRows = 13 }: RunSettings = {},
): Promise<Row[]> {
  const tasks = 3
  const { joinType, build } = node
  const types = node.left.schema.fields.map(({ type }) => type)
  const [buildRows, streamRows] = build === 'left' ? [left, right] : [right, left]
  const roles = joinRoles(joinType, build)
  const markingTasks = needsMarks(joinType, build) ? tasks : 0
  const buildNode: JoinBuildExec = {
    kind: 'JoinBuildExec',
    id: 2,
    schema: schemaFor(types),
    input: leaf(types),
    keys: node.leftKeys,
    nullSafe: node.nullSafe,
    keysOnly: !roles.givesPairs && markingTasks === 0 && node.condition === null,
    markingTasks,
    filtered: [],
  }
  let table: BuildSide | undefined
  const held: { free(): void }[] = []
  const buildContext: TaskContext = {
    ...taskContext(pool, counts),
    leaveTable: (left, region, spill) => {
      table = left
      held.push(region, ...(spill === undefined ? [] : [spill]))
    },
  }
  await runOperator(joinBuild, buildNode, [inputOf(pool, types, buildRows, batchRows, random)], buildContext)
  const read: PhysicalPlan = { kind: 'TableReadExec', id: 2, schema: schemaFor(types), stageId: 0 }
  const shared: HashJoinExec = build === 'left' ? { ...node, left: read } : { ...node, right: read }
  const rows: Row[] = []
  for (let partition = 0; partition < tasks; partition++) {
    const part = streamRows.filter((_, index) => index % tasks === partition)
    const stream = inputOf(pool, types, part, batchRows, random)
    const context: TaskContext = { ...taskContext(pool, counts), partition, joinTable: () => table! }
    const inputs = build === 'left' ? [inputOf(pool, types, []), stream] : [stream, inputOf(pool, types, [])]
    rows.push(...(await runOperator(hashJoin, shared, inputs, context)))
  }
  for (const each of held) each.free()
  return rows
}
