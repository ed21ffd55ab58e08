/**
 * Logical plan in, better logical plan out. Start with optimizer.ts: the ordered list of rules.
 * One rule a file in rules/; what rules know of expressions is in expression-facts.ts, of row counts in
 * statistics.ts.
 */
export * from './expression-facts.ts'
export * from './join-estimate.ts'
export * from './optimizer.ts'
export * from './predicate.ts'
export * from './rule.ts'
export * from './statistics.ts'
