import { flatten, type RecordBatch, take, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { WindowCall } from '../plan/index.ts'
import { GroupedAggregate } from './grouped-aggregate.ts'
import type { TaskContext } from './operator.ts'

/**
 * An aggregate over any frames, by a segment tree of partial states: level 0 has a state for each row,
 * level k one for each 2^k rows. A frame is the sum of at most two nodes a level, so n rows cost O(n log n)
 * for every aggregate that can merge.
 *
 *   level 2  [      0..3      ]          frame [1, 4) = row 1 · rows 2..3
 *   level 1  [ 0..1 ][  2..3  ]
 *   level 0  [0][1]  [2][3]  …           left nodes going up, then right nodes going down: order of rows
 */
export function aggregateFrames(
  call: WindowCall,
  rows: RecordBatch,
  frameStarts: Int32Array,
  frameEnds: Int32Array,
  region: Region,
  context: TaskContext,
): Vector {
  const { rowCount } = rows
  const result = new GroupedAggregate(call, region, context)
  result.resize(rowCount)
  let nodes = leaves(call, rows, region, context)
  const lefts = frameStarts.slice()
  const rights = new Int32Array(rowCount)
  for (let i = 0; i < rowCount; i++) rights[i] = Math.max(frameStarts[i]!, frameEnds[i]!)
  const later: { readonly states: readonly Vector[]; readonly pairs: NodePairs }[] = []
  for (let size = rowCount; ; ) {
    context.checkCancelled()
    const { left, right, isDone } = climb(lefts, rights, rowCount)
    const states = nodes.state(0, size, region)
    if (left.count > 0) mergePairs(result, states, left, region)
    if (right.count > 0) later.push({ states, pairs: right })
    if (isDone) break
    size = (size + 1) >> 1
    nodes.free()
    nodes = parents(call, states, size, region, context)
  }
  nodes.free()
  for (const { states, pairs } of later.reverse()) mergePairs(result, states, pairs, region)
  const results = result.finish(0, rowCount, region)
  result.free()
  return results
}

/** Nodes of one level and the rows whose frames they belong to. */
interface NodePairs {
  readonly nodes: Int32Array
  readonly rows: Int32Array
  readonly count: number
}

/** Level 0: a state for each row. */
function leaves(call: WindowCall, rows: RecordBatch, region: Region, context: TaskContext): GroupedAggregate {
  const states = new GroupedAggregate(call, region, context)
  states.resize(rows.rowCount)
  const groups = region.int32(rows.rowCount)
  for (let i = 0; i < rows.rowCount; i++) groups[i] = i
  states.update(rows, groups, context.evalContext(region))
  return states
}

/** The level above: each state is the sum of two. */
function parents(
  call: WindowCall,
  states: readonly Vector[],
  size: number,
  region: Region,
  context: TaskContext,
): GroupedAggregate {
  const above = new GroupedAggregate(call, region, context)
  above.resize(size)
  const length = states[0]!.length
  const groups = region.int32(length)
  for (let i = 0; i < length; i++) groups[i] = i >> 1
  above.merge(states, groups, length, region)
  return above
}

/** Takes the odd ends of all frames at this level, and moves frames to the level above. */
function climb(
  lefts: Int32Array,
  rights: Int32Array,
  rowCount: number,
): { readonly left: NodePairs; readonly right: NodePairs; readonly isDone: boolean } {
  const left = { nodes: new Int32Array(rowCount), rows: new Int32Array(rowCount), count: 0 }
  const right = { nodes: new Int32Array(rowCount), rows: new Int32Array(rowCount), count: 0 }
  let isDone = true
  for (let row = 0; row < rowCount; row++) {
    let [from, to] = [lefts[row]!, rights[row]!]
    if (from >= to) continue
    if ((from & 1) === 1) {
      left.rows[left.count] = row
      left.nodes[left.count++] = from++
    }
    if (from < to && (to & 1) === 1) {
      right.rows[right.count] = row
      right.nodes[right.count++] = --to
    }
    lefts[row] = from >> 1
    rights[row] = to >> 1
    if (from < to) isDone = false
    else rights[row] = lefts[row]!
  }
  return { left, right, isDone }
}

function mergePairs(
  result: GroupedAggregate,
  states: readonly Vector[],
  pairs: NodePairs,
  region: Region,
): void {
  const taken = states.map((state) => flatten(take(state, pairs.nodes, pairs.count, region), region))
  result.merge(taken, pairs.rows, pairs.count, region)
}
