import type { Query } from '../parser/index.ts'
import type { LogicalPlan } from '../plan/index.ts'
import { guardDepth } from './check.ts'
import type { AnalyzerContext } from './context.ts'
import { prepareAnalysis } from './load-tables.ts'
import { analyzeQuery as analyze } from './query.ts'
import { plainPlan, type Resolved } from './scope.ts'

/**
 * The typed plan of a query. Reads tables and views through the catalog first; errors name place and
 * nearest names.
 */
export async function analyzeQuery(query: Query, context: AnalyzerContext): Promise<LogicalPlan> {
  return plainPlan(await resolveQuery(query, context))
}

/** The same with the names of its columns, for DataFrames. */
export async function resolveQuery(query: Query, context: AnalyzerContext): Promise<Resolved> {
  const analysis = await prepareAnalysis(query, context)
  return guardDepth(() => analyze(analysis, query, null))
}
