import type { AggregateCall, Expr, LambdaVariableExpr, SortKey } from '../../engine/expr/index.ts'
import type { WindowCall } from '../../engine/plan/index.ts'
import type { Expression, WindowSpec } from '../parser/index.ts'
import type { Apply, Column, LogicalPlan } from '../plan/index.ts'
import type { Analysis } from './context.ts'
import type { Scope } from './scope.ts'

/** A subquery found in an expression: the Apply that must stand below the node with the expression. */
export interface PendingApply {
  readonly applyType: Apply['applyType']
  readonly right: LogicalPlan
  readonly needles: readonly Expr[]
  readonly output: Column
}

/** An aggregate found in an expression; the expression reads `column` in its place. */
export interface FoundAggregate {
  readonly column: Column
  readonly call: AggregateCall
}

/** Collects the aggregates of a SELECT. */
export interface AggregateSink {
  /** By `callKey`: the same aggregate written twice is computed once. */
  readonly found: Map<string, FoundAggregate>
  /** Subqueries in arguments: they belong below the Aggregate. */
  readonly applies: PendingApply[]
}

/** A window call found in an expression. */
export interface FoundWindow {
  readonly column: Column
  readonly partitionBy: readonly Expr[]
  readonly orderBy: readonly SortKey[]
  readonly call: WindowCall
}

/** Collects the window calls of a SELECT. */
export interface WindowSink {
  readonly found: FoundWindow[]
  /** The WINDOW clause, by lower-case name. */
  readonly named: ReadonlyMap<string, WindowSpec>
}

/** Names beside the columns of the scope: aliases of the SELECT list. */
export interface AliasLookup {
  /** Whether aliases win over columns of the scope. */
  readonly first: boolean
  /** Undefined if no alias fits. */
  readonly find: (parts: readonly string[]) => Expr | undefined
}

/** What an expression may use where it stands. */
export interface Environment {
  readonly analysis: Analysis
  readonly scope: Scope
  /** For messages: `WHERE`. */
  readonly clause: string
  readonly aliases: AliasLookup | null
  /** Parameters of the lambdas around, by lower-case name. */
  readonly variables: ReadonlyMap<string, LambdaVariableExpr>
  /** Null where subqueries may not stand. */
  readonly applies: PendingApply[] | null
  /** Null where aggregates may not stand. */
  readonly aggregates: AggregateSink | null
  /** Null where window functions may not stand. */
  readonly windows: WindowSink | null
  /** The call whose arguments these are, if that forbids something. */
  readonly inside: 'aggregate' | 'window' | null
  /** Resolves any expression: set once, so that the files of one kind need not import each other. */
  readonly resolve: (expression: Expression, environment: Environment) => Expr
}

/** The Applies of subqueries over a plan, first found lowest. */
export function placeApplies(plan: LogicalPlan, applies: readonly PendingApply[]): LogicalPlan {
  return applies.reduce<LogicalPlan>((left, apply) => ({ kind: 'Apply', left, ...apply }), plan)
}
