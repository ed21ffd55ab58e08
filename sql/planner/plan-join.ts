import { EngineError } from '../../engine/errors.ts'
import { needsMarks } from '../../engine/plan/index.ts'
import { conditionOf, type EquiKey, estimateBytes, splitCondition } from '../optimizer/index.ts'
import { type Column, columnExpr, type Join, outputOf, schemaOf } from '../plan/index.ts'
import { binderFor } from './bind.ts'
import { chooseJoin, type JoinChoice } from './choose-join.ts'
import { toBroadcast, toHash, toSingle } from './insert-exchanges.ts'
import { countOf, mergeKeys, type Partitioning, SINGLE } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'
import { reduceStream } from './reduce-stream.ts'
import { type Sides, shareTable } from './share-table.ts'

/** A join by hash table where the condition has an equality between the sides, else by nested loops. */
export async function planJoin(join: Join, planner: Planner): Promise<Planned> {
  const [leftIds, rightIds] = [idsOf(outputOf(join.left)), idsOf(outputOf(join.right))]
  const { keys, residual } = splitCondition(join.condition, leftIds, rightIds)
  if (keys.length === 0) return planNestedLoop(join, planner)
  if (join.joinType === 'nullAwareAnti' && (keys.length > 1 || residual.length > 0))
    throw new EngineError('UNSUPPORTED_FEATURE', 'NOT IN with more than one column is not supported here')
  const left = await planner.plan(join.left)
  const right = await planner.plan(join.right)
  const choice = chooseJoin(join, left, right, keys, planner)
  const sides = exchangeSides(join, left, right, keys, residual.length > 0, choice, planner)
  const condition = conditionOf(residual)
  const pairs = binderFor([...left.columns, ...right.columns])
  return {
    plan: {
      kind: 'HashJoinExec',
      id: planner.nextId(),
      schema: schemaOf(join),
      left: sides.left.plan,
      right: sides.right.plan,
      joinType: join.joinType,
      build: choice.build,
      leftKeys: keys.map((key) => binderFor(left.columns).expr(key.left)),
      rightKeys: keys.map((key) => binderFor(right.columns).expr(key.right)),
      nullSafe: keys.map((key) => key.nullSafe),
      condition: condition === null ? null : pairs.expr(condition),
    },
    columns: outputOf(join),
    partitioning: partitioningOf(join, sides, keys, choice),
  }
}

function exchangeSides(
  join: Join,
  left: Planned,
  right: Planned,
  keys: readonly EquiKey[],
  hasResidual: boolean,
  choice: JoinChoice,
  planner: Planner,
): Sides {
  switch (choice.exchange) {
    case 'none':
      return { left, right }
    case 'shared':
      return shareTable(join, { left, right }, keys, hasResidual, choice.build, planner)
    case 'single':
      return { left: toSingle(left, planner), right: toSingle(right, planner) }
    case 'hash': {
      const leftKeys = choice.order.map((index) => keys[index]!.left)
      const rightKeys = choice.order.map((index) => keys[index]!.right)
      const spread = (side: 'left' | 'right', planned: Planned): Planned => {
        if (choice.keep === side) return planned
        return toHash(planned, side === 'left' ? leftKeys : rightKeys, choice.partitionCount, planner)
      }
      if (choice.reduces !== true) return { left: spread('left', left), right: spread('right', right) }
      const build = spread(choice.build, choice.build === 'left' ? left : right)
      const stream = choice.build === 'left' ? right : left
      const reduced = reduceStream(join, build, stream, keys, choice.build, planner)
      return choice.build === 'left'
        ? { left: build, right: spread('right', reduced) }
        : { left: spread('left', reduced), right: build }
    }
  }
}

/** Rows stay where the streaming side, or both sides, had them. */
function partitioningOf(
  join: Join,
  sides: Sides,
  keys: readonly EquiKey[],
  choice: JoinChoice,
): Partitioning {
  const stream = choice.build === 'left' ? sides.right : sides.left
  if (choice.exchange === 'shared' && needsMarks(join.joinType, choice.build)) {
    const { partitioning } = stream
    const partitionCount = countOf(partitioning)
    return partitioning.kind === 'single' ? partitioning : { kind: 'unknown', partitionCount }
  }
  if (choice.exchange === 'shared' && join.joinType !== 'inner') return stream.partitioning
  const leftKeys = keys.map((key) => key.left)
  const rightKeys = keys.map((key) => key.right)
  switch (join.joinType) {
    case 'inner':
      return choice.exchange === 'shared' && choice.build === 'left'
        ? mergeKeys(stream.partitioning, rightKeys, leftKeys)
        : mergeKeys(sides.left.partitioning, leftKeys, rightKeys)
    case 'full': {
      const { partitioning } = sides.left
      return partitioning.kind === 'single'
        ? partitioning
        : { kind: 'unknown', partitionCount: countOf(partitioning) }
    }
    case 'right':
      return sides.right.partitioning
    default:
      return sides.left.partitioning
  }
}

async function planNestedLoop(join: Join, planner: Planner): Promise<Planned> {
  if (join.joinType === 'nullAwareAnti')
    throw new EngineError('UNSUPPORTED_FEATURE', 'NOT IN without a comparison of columns is not supported')
  const swapped = swapSides(join)
  const left = await planner.plan(swapped.left)
  const right = await planner.plan(swapped.right)
  const sides = collectRight(swapped, left, right, planner)
  const bind = binderFor([...left.columns, ...right.columns])
  const planned: Planned = {
    plan: {
      kind: 'NestedLoopJoinExec',
      id: planner.nextId(),
      schema: schemaOf(swapped),
      left: sides.left.plan,
      right: sides.right.plan,
      joinType: swapped.joinType as Exclude<Join['joinType'], 'nullAwareAnti'>,
      condition: swapped.condition === null ? null : bind.expr(swapped.condition),
    },
    columns: outputOf(swapped),
    partitioning: sides.left.partitioning,
  }
  return swapped === join ? planned : inOrder(planned, outputOf(join), join, planner)
}

/**
 * The right side is collected by every task: it had better be the small one, and not the one whose rows must
 * all come.
 */
function swapSides(join: Join): Join {
  const isLarger = estimateBytes(join.left) * 2 < estimateBytes(join.right)
  const joinType = join.joinType === 'right' ? 'left' : join.joinType
  if (join.joinType !== 'right' && !(join.joinType === 'inner' && isLarger)) return join
  return { ...join, joinType, left: join.right, right: join.left, broadcast: null }
}

function collectRight(join: Join, left: Planned, right: Planned, planner: Planner): Sides {
  if (join.joinType === 'full') return { left: toSingle(left, planner), right: toSingle(right, planner) }
  if (left.partitioning.kind === 'single') return { left, right: toSingle(right, planner) }
  return { left, right: toBroadcast(right, planner) }
}

/** The columns of a swapped join in the order asked for. */
function inOrder(input: Planned, columns: readonly Column[], join: Join, planner: Planner): Planned {
  const bind = binderFor(input.columns)
  const plan = {
    kind: 'ProjectExec',
    id: planner.nextId(),
    schema: schemaOf(join),
    input: input.plan,
    exprs: columns.map((column) => bind.expr(columnExpr(column))),
  } as const
  return { plan, columns, partitioning: input.partitioning.kind === 'single' ? SINGLE : input.partitioning }
}

function idsOf(columns: readonly Column[]): ReadonlySet<number> {
  return new Set(columns.map(({ id }) => id))
}
