import type { Expr } from '../../engine/expr/index.ts'
import { needsMarks } from '../../engine/plan/index.ts'
import { type EquiKey, estimate, estimateBytes } from '../optimizer/index.ts'
import type { Join } from '../plan/index.ts'
import { areCoPartitioned, joinKeyOrder } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'

/** How an equality join gets equal keys together, and which side its table is built from. */
export interface JoinChoice {
  readonly build: 'left' | 'right'
  /**
   * - `none`: equal keys share partitions already.
   * - `shared`: all tasks probe one table of the whole build side.
   * - `single`: both sides in one partition.
   * - `hash`: both sides by the hash of the keys, those of `order`; a side in `keep` lies right already.
   */
  readonly exchange: 'none' | 'shared' | 'single' | 'hash'
  readonly order: readonly number[]
  readonly keep: 'left' | 'right' | null
  readonly partitionCount: number
  /** With `hash`: the build side is so small that the other one had better be reduced to its keys first. */
  readonly reduces?: boolean
}

/** What the table of a join takes beside the rows. */
const TABLE_BYTES_PER_ROW = 16

/** The larger side becomes the table instead of a smaller one that cannot be shared, up to this size. */
const OTHER_SIDE_BYTES = 16 << 20

/** Rows of both sides below which one task does the whole join. */
const SMALL_ROWS = 20_000

/** Chooses by estimated sizes, the BROADCAST hint, and how the inputs are spread already. */
export function chooseJoin(
  join: Join,
  left: Planned,
  right: Planned,
  keys: readonly EquiKey[],
  planner: Planner,
): JoinChoice {
  const leftKeys = keys.map((key) => key.left)
  const rightKeys = keys.map((key) => key.right)
  const order = keys.map((_, index) => index)
  const base = { order, keep: null, partitionCount: planner.context.shufflePartitions } as const
  const build = buildSide(join)
  if (left.partitioning.kind === 'single' && right.partitioning.kind === 'single')
    return { ...base, build, exchange: 'none' }
  if (join.joinType === 'nullAwareAnti') return { ...base, build: 'right', exchange: 'shared' }
  if (join.broadcast !== null && canShare(join, join.broadcast, planner))
    return { ...base, build: join.broadcast, exchange: 'shared' }
  if (areCoPartitioned(left.partitioning, right.partitioning, leftKeys, rightKeys))
    return { ...base, build, exchange: 'none' }
  const shared = sharedSide(join, build, planner)
  if (shared !== null) return { ...base, build: shared, exchange: 'shared' }
  if (isSmall(join)) return { ...base, build, exchange: 'single' }
  const reduces = !canShare(join, build, planner) && fitsMemory(join, build, planner)
  return { ...base, build, exchange: 'hash', reduces, ...keepSide(left, right, leftKeys, rightKeys) }
}

/**
 * The smaller side. Types that ask for a match of each left row build from the right unless it is far larger.
 */
function buildSide(join: Join): 'left' | 'right' {
  const leftBytes = estimateBytes(join.left)
  const rightBytes = estimateBytes(join.right)
  switch (join.joinType) {
    case 'nullAwareAnti':
    case 'existence':
      return 'right'
    case 'semi':
    case 'anti':
      return leftBytes * 4 < rightBytes ? 'left' : 'right'
    case 'left':
      return leftBytes * 2 < rightBytes ? 'left' : 'right'
    default:
      return leftBytes < rightBytes ? 'left' : 'right'
  }
}

/** The side whose table all tasks may probe; null if it is better to part both. */
function sharedSide(join: Join, build: 'left' | 'right', planner: Planner): 'left' | 'right' | null {
  if (canShare(join, build, planner)) return fitsMemory(join, build, planner) ? build : null
  const other = build === 'left' ? 'right' : 'left'
  const isSmallEnough = estimateBytes(join[other]) <= OTHER_SIDE_BYTES && fitsMemory(join, other, planner)
  return isSmallEnough && canShare(join, other, planner) ? other : null
}

/** Whether a table of this side can serve all tasks: not where they would have to share what they mark. */
function canShare(join: Join, build: 'left' | 'right', planner: Planner): boolean {
  return planner.context.copiesTables !== true || !needsMarks(join.joinType, build)
}

/** Whether one table of the whole build side may lie in memory. */
function fitsMemory(join: Join, build: 'left' | 'right', planner: Planner): boolean {
  const { isKnown, rows } = estimate(join[build])
  return isKnown && estimateBytes(join[build]) + rows * TABLE_BYTES_PER_ROW <= planner.buildBytes
}

function isSmall(join: Join): boolean {
  const [left, right] = [estimate(join.left), estimate(join.right)]
  return left.isKnown && right.isKnown && left.baseRows + right.baseRows <= SMALL_ROWS
}

/** A side that an earlier exchange spread by join keys can stay; the other follows it. */
function keepSide(
  left: Planned,
  right: Planned,
  leftKeys: readonly Expr[],
  rightKeys: readonly Expr[],
): Pick<JoinChoice, 'order' | 'keep' | 'partitionCount'> | undefined {
  const candidates = [
    { keep: 'left', planned: left, order: joinKeyOrder(left.partitioning, leftKeys) },
    { keep: 'right', planned: right, order: joinKeyOrder(right.partitioning, rightKeys) },
  ] as const
  for (const { keep, planned, order } of candidates) {
    const { partitioning } = planned
    if (order === undefined || partitioning.kind !== 'hash' || partitioning.family !== 'shuffle') continue
    return { keep, order, partitionCount: partitioning.partitionCount }
  }
  return undefined
}
