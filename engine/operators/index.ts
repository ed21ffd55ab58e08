/**
 * What each plan node does to batches. One entry per node: a node without an operator does not compile. Start
 * with operator.ts.
 */
import type { PhysicalPlan } from '../plan/index.ts'
import { eventTime } from './event-time.ts'
import { expand } from './expand.ts'
import { filter } from './filter.ts'
import { generate } from './generate.ts'
import { hashAggregate } from './hash-aggregate.ts'
import { hashJoin } from './hash-join.ts'
import { joinBuild, tableRead } from './join-build.ts'
import { lateFilter } from './late-filter.ts'
import { limit } from './limit.ts'
import { nestedLoopJoin } from './nested-loop-join.ts'
import type { Operator } from './operator.ts'
import { project } from './project.ts'
import { sample } from './sample.ts'
import { scan } from './scan.ts'
import { exchange, shuffleRead } from './shuffle-read.ts'
import { sort } from './sort.ts'
import { stateRead } from './state-read.ts'
import { stateWrite } from './state-write.ts'
import { together } from './together.ts'
import { topN } from './top-n.ts'
import { union } from './union.ts'
import { userCode } from './user-code.ts'
import { range, values } from './values.ts'
import { window } from './window.ts'
import { windowGroupLimit } from './window-group-limit.ts'
import { write } from './write.ts'

export type { BuildSide } from './build-side.ts'
export * from './fuse-aggregate.ts'
export * from './fuse-probes.ts'
export * from './fuse-total.ts'
export { runAggregate } from './hash-aggregate.ts'
export type { JoinTable } from './join-table.ts'
export type * from './operator.ts'
export { probeRows } from './probe-rows.ts'
export { probeTotal } from './probe-total.ts'
export { hasTableForm } from './table-form.ts'

type Operators = { readonly [K in PhysicalPlan['kind']]: Operator<Extract<PhysicalPlan, { kind: K }>> }

/** Behaviour of each kind of node. */
export const operators: Operators = {
  ScanExec: scan,
  ValuesExec: values,
  RangeExec: range,
  FilterExec: filter,
  ProjectExec: project,
  LimitExec: limit,
  UnionExec: union,
  ExpandExec: expand,
  GenerateExec: generate,
  SampleExec: sample,
  SortExec: sort,
  TopNExec: topN,
  WindowExec: window,
  WindowGroupLimitExec: windowGroupLimit,
  HashAggregateExec: hashAggregate,
  HashJoinExec: hashJoin,
  JoinBuildExec: joinBuild,
  TableReadExec: tableRead,
  NestedLoopJoinExec: nestedLoopJoin,
  ExchangeExec: exchange,
  ShuffleReadExec: shuffleRead,
  WriteExec: write,
  UserCodeExec: userCode,
  TogetherExec: together,
  EventTimeExec: eventTime,
  LateFilterExec: lateFilter,
  StateReadExec: stateRead,
  StateWriteExec: stateWrite,
}
