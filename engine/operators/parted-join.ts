import { type RecordBatch, takeBatch } from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import { type HashJoinExec, joinRoles, needsMarks } from '../plan/index.ts'
import { type BuildSpec, collectBuild, type PartedBuild, partedByKeys } from './build-side.ts'
import { keptRowsAtEnd } from './join-output.ts'
import { endProbing, type JoinMarks, type JoinTable } from './join-table.ts'
import type { TaskContext } from './operator.ts'
import { type PartedRows, partedRows, SPILL_FAN_OUT, SpillPartitions } from './spill-partitions.ts'

type Batches = AsyncIterable<RecordBatch> | Iterable<RecordBatch>

/** Joins a streamed side with a table, and ends as one of the partitions that probe it; see hash-join.ts. */
type ProbeTable = (
  node: HashJoinExec,
  table: JoinTable,
  streamInput: Batches,
  partition: number | null,
  context: TaskContext,
) => AsyncIterable<RecordBatch>

/**
 * Joins two inputs in one task. If memory does not hold the build side, both go to disk, parted by the hash
 * of their keys, and each partition is joined in the same way:
 *
 *   build  ─▶ | 0 | 1 | … | 15 |
 *               ⋈   ⋈        ⋈      each by a table in memory, or parted again
 *   stream ─▶ | 0 | 1 | … | 15 |
 */
export async function* joinInputs(
  node: HashJoinExec,
  buildInput: Batches,
  streamInput: Batches,
  level: number,
  probe: ProbeTable,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const regions = { rows: context.createRegion(), table: context.createRegion() }
  let parts: SpillPartitions | null = null
  try {
    const built = await collectBuild(buildInput, buildSpec(node, level), regions, context)
    if (!(built instanceof SpillPartitions)) {
      yield* probe(node, built, streamInput, 0, context)
      return
    }
    parts = built
    yield* joinParts(node, parts, streamInput, level, probe, context)
  } finally {
    parts?.free()
    regions.rows.free()
    regions.table.free()
  }
}

/** Joins a streamed side with the rows that a build stage had to leave on disk. */
export async function* joinPartedBuild(
  node: HashJoinExec,
  build: PartedBuild,
  streamInput: Batches,
  probe: ProbeTable,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const rows = partedRows(build, context)
  if (build.marks === null) yield* joinParts(node, rows, streamInput, 0, probe, context)
  else yield* joinMarkedParts(node, rows, build.marks, streamInput, probe, context)
}

async function* joinParts(
  node: HashJoinExec,
  build: PartedRows,
  streamInput: Batches,
  level: number,
  probe: ProbeTable,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const isNotIn = node.joinType === 'nullAwareAnti'
  // With a NULL in its list, NOT IN is never TRUE.
  if (isNotIn && build.hasNullKey) return
  const stream = new SpillPartitions(streamTarget(node, level, context), context)
  try {
    await addAll(stream, isNotIn ? withoutNullKey(node, streamInput, context) : streamInput, context)
    // All that is left of NOT IN are keys that are not NULL.
    const plain: HashJoinExec = isNotIn ? { ...node, joinType: 'anti' } : node
    for (let p = 0; p < SPILL_FAN_OUT; p++) {
      if (build.countOf(p) + stream.countOf(p) === 0) continue
      yield* joinInputs(plain, build.read(p), stream.read(p), level + 1, probe, context)
    }
  } finally {
    stream.free()
  }
}

/** As joinParts, where several tasks mark the build rows that find a match. */
async function* joinMarkedParts(
  node: HashJoinExec,
  build: PartedRows,
  { matched, ended }: JoinMarks,
  streamInput: Batches,
  probe: ProbeTable,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const stream = new SpillPartitions(streamTarget(node, 0, context), context)
  let from = 0
  const ofPart = Array.from({ length: SPILL_FAN_OUT }, (_, p) => {
    const start = from
    from += build.countOf(p)
    return matched.subarray(start, from)
  })
  try {
    await addAll(stream, streamInput, context)
    for (const [p, marks] of ofPart.entries()) {
      if (stream.countOf(p) === 0) continue
      yield* withTable(node, build.read(p), context, (table) =>
        probe(node, { ...table, marks: { matched: marks, ended } }, stream.read(p), null, context),
      )
    }
    if (!endProbing({ matched, ended }, context.partition)) return
    const streamSchema = node[node.build === 'left' ? 'right' : 'left'].schema
    const roles = joinRoles(node.joinType, node.build)
    for (const [p, marks] of ofPart.entries()) {
      const scratch = context.createRegion()
      let start = 0
      for (const batch of build.read(p)) {
        const own = marks.subarray(start, start + batch.rowCount)
        yield* keptRowsAtEnd(batch, own, roles, streamSchema, scratch)
        start += batch.rowCount
      }
      scratch.free()
    }
  } finally {
    stream.free()
  }
}

/** What is made of a table that is there meanwhile. */
async function* withTable(
  node: HashJoinExec,
  buildInput: Batches,
  context: TaskContext,
  use: (table: JoinTable) => AsyncIterable<RecordBatch>,
): AsyncIterable<RecordBatch> {
  const regions = { rows: context.createRegion(), table: context.createRegion() }
  try {
    const spec = { ...buildSpec(node, 0), level: null }
    const table = await collectBuild(buildInput, spec, regions, context)
    if (!(table instanceof SpillPartitions)) yield* use(table)
  } finally {
    regions.rows.free()
    regions.table.free()
  }
}

function buildSpec(node: HashJoinExec, level: number): BuildSpec {
  const { id: nodeId, nullSafe, build, leftKeys, rightKeys } = node
  const markingTasks = needsMarks(node.joinType, build) ? 1 : 0
  const needs = { keysOnly: false, markingTasks, filtered: [] }
  const keys = build === 'left' ? leftKeys : rightKeys
  return { nodeId, schema: node[build].schema, keys, nullSafe, needs, level }
}

function streamKeys({ build, leftKeys, rightKeys }: HashJoinExec): readonly Expr[] {
  return build === 'left' ? rightKeys : leftKeys
}

function streamTarget(node: HashJoinExec, level: number, context: TaskContext) {
  return partedByKeys(node.id, level, streamKeys(node), context)
}

async function addAll(parts: SpillPartitions, input: Batches, context: TaskContext): Promise<void> {
  for await (const batch of input) {
    context.checkCancelled()
    parts.add(batch)
  }
  parts.flush()
}

/** The rows of an input whose only key is not NULL. */
async function* withoutNullKey(
  node: HashJoinExec,
  input: Batches,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const isThere: Expr = {
    kind: 'call',
    name: 'isnotnull',
    args: [...streamKeys(node)],
    type: { kind: 'boolean' },
  }
  const scratch = context.createRegion()
  try {
    for await (const batch of input) {
      scratch.reset()
      const { indices, count } = evaluatePredicate(isThere, batch, context.evalContext(scratch))
      yield count === batch.rowCount ? batch : takeBatch(batch, indices, count, scratch)
    }
  } finally {
    scratch.free()
  }
}
