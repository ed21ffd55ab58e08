/**
 * How dependent joins (Apply) become joins. Predicates on outer columns are pulled up into the join's
 * condition (pull-up.ts) where the plan allows; else the subquery is computed for the domain, the distinct
 * outer values (domain.ts). test-join.ts does EXISTS and IN, scalar-join.ts scalar subqueries,
 * lateral-join.ts LATERAL.
 */
export * from './lateral-join.ts'
export * from './scalar-join.ts'
export * from './test-join.ts'
