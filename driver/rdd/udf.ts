import type { DataType } from '../../engine/types/index.ts'
import { convertType } from '../../sql/analyzer/index.ts'
import type { Catalog } from '../../sql/catalog/index.ts'
import { parseType } from '../../sql/parser/index.ts'
import type { JobRunner } from '../stages/index.ts'
import { shipModulesSync } from './bundle-imports.ts'
import { type AnyFunction, type Environment, shipFunction } from './closure.ts'

/** The types of a function that SQL may call, and the values it needs. */
export interface UdfOptions {
  /** SQL types of the arguments, such as `decimal(12,2)`; left out: any, as they are. */
  readonly args?: readonly string[]
  /** SQL type of the result. */
  readonly returns: string
  /** Values it gets behind its arguments, and may also use by name. */
  readonly with?: Environment
}

/**
 * Makes a function of the program one of SQL. It is called for every row, also with null; arguments and
 * results are values as programs see them. CLOSURE_CAPTURE, USER_CODE_FAILED as for RDDs.
 */
export function registerUdf(
  { catalog, jobs }: { readonly catalog: Catalog; readonly jobs: JobRunner },
  name: string,
  fn: AnyFunction,
  options: UdfOptions,
): void {
  const shipped = shipFunction(fn, `udf "${name}"`, options.with)
  const args = options.args?.map(typeOf) ?? null
  const returns = typeOf(options.returns)
  shipModulesSync([shipped], jobs)
  jobs.ship({ kind: 'function', fn: shipped })
  catalog.setFunction({ name, functionId: shipped.functionId, args, returns })
}

function typeOf(text: string): DataType {
  return convertType(parseType(text))
}
