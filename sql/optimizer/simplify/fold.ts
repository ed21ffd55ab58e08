import { readValue } from '../../../engine/batch/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { evaluate } from '../../../engine/evaluate/index.ts'
import { childrenOf, type Expr } from '../../../engine/expr/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { scalarFacts } from '../function-facts.ts'
import { literal } from '../predicate.ts'
import type { OptimizerSettings } from '../rule.ts'

/** Memory for constants, when the query has no pool to lend. */
const FOLD_BYTES = 4 << 20
const ownPools = new WeakMap<OptimizerSettings, MemoryPool>()

/**
 * The constant that an expression over constants is. What fails stays as it is, so that the error comes when,
 * and only if, a row asks for it.
 */
export function foldConstant(expr: Expr, settings: OptimizerSettings): Expr {
  if (!canFold(expr)) return expr
  const region = poolOf(settings).createRegion()
  try {
    const batch = { rowCount: 1, columns: [] }
    const result = evaluate(expr, batch, { region, settings, partition: 0, rowOffset: 0 })
    return literal(readValue(result, 0), expr.type)
  } catch (error) {
    if (error instanceof EngineError) return expr
    throw error
  } finally {
    region.free()
  }
}

function canFold(expr: Expr): boolean {
  if (expr.kind === 'call' && (scalarFacts(expr.name).isVolatile || !scalarFacts(expr.name).isKnown))
    return false
  if (expr.kind !== 'call' && expr.kind !== 'cast') return false
  return childrenOf(expr).every(({ kind }) => kind === 'literal')
}

function poolOf(settings: OptimizerSettings): MemoryPool {
  const given = settings.pool ?? ownPools.get(settings)
  if (given !== undefined) return given
  const made = MemoryPool.create({ limitBytes: FOLD_BYTES })
  ownPools.set(settings, made)
  return made
}
