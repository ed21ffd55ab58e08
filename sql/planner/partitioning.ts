import type { Expr } from '../../engine/expr/index.ts'
import { exprKey } from '../optimizer/index.ts'
import type { NamedExpr } from '../plan/index.ts'

/**
 * How rows are spread over partitions.
 * - `single`: all in one.
 * - `hash`: by the hash of keys, so that equal keys share a partition. Each key is a list of expressions with
 * equal values, as text
 *   (`exprKey` over column ids). Only partitionings of one `family` and count put equal keys at equal places.
 * - `unknown`: anyhow.
 */
export type Partitioning =
  | { readonly kind: 'single' }
  | HashPartitioning
  | { readonly kind: 'unknown'; readonly partitionCount: number }

export interface HashPartitioning {
  readonly kind: 'hash'
  /** `shuffle`: an exchange did it. `bucket`: the files of a bucketed table. */
  readonly family: 'shuffle' | 'bucket'
  readonly keys: readonly (readonly string[])[]
  readonly partitionCount: number
}

export const SINGLE: Partitioning = { kind: 'single' }

/** How many partitions there are. */
export function countOf(partitioning: Partitioning): number {
  return partitioning.kind === 'single' ? 1 : partitioning.partitionCount
}

/** Rows spread by an exchange on the hash of keys. */
export function shuffledBy(keys: readonly Expr[], partitionCount: number): Partitioning {
  return { kind: 'hash', family: 'shuffle', keys: keys.map((key) => [exprKey(key)]), partitionCount }
}

/** Whether rows with equal `keys` lie in one partition. */
export function isClusteredBy(partitioning: Partitioning, keys: readonly Expr[]): boolean {
  if (partitioning.kind === 'single') return true
  if (partitioning.kind === 'unknown') return false
  const wanted = new Set(keys.map(exprKey))
  return partitioning.keys.every((alternatives) => alternatives.some((key) => wanted.has(key)))
}

/**
 * For each key of the partitioning, the position of the join key that it is: where the other side must send
 * its rows to meet these.
 * Undefined if rows with equal join keys are not together.
 */
export function joinKeyOrder(partitioning: Partitioning, joinKeys: readonly Expr[]): number[] | undefined {
  if (partitioning.kind !== 'hash') return undefined
  const texts = joinKeys.map(exprKey)
  const order = partitioning.keys.map((alternatives) =>
    texts.findIndex((text) => alternatives.includes(text)),
  )
  return order.includes(-1) ? undefined : order
}

/** Whether rows with equal join keys have the same partition on both sides. */
export function areCoPartitioned(
  left: Partitioning,
  right: Partitioning,
  leftKeys: readonly Expr[],
  rightKeys: readonly Expr[],
): boolean {
  if (left.kind === 'single' && right.kind === 'single') return true
  if (left.kind !== 'hash' || right.kind !== 'hash') return false
  if (left.family !== right.family || left.partitionCount !== right.partitionCount) return false
  if (left.keys.length !== right.keys.length || left.keys.length === 0) return false
  const [leftTexts, rightTexts] = [leftKeys.map(exprKey), rightKeys.map(exprKey)]
  return left.keys.every((alternatives, position) =>
    leftTexts.some(
      (text, index) => alternatives.includes(text) && right.keys[position]!.includes(rightTexts[index]!),
    ),
  )
}

/** The partitioning of an inner join's rows: keys of both sides name the same values. */
export function mergeKeys(
  partitioning: Partitioning,
  from: readonly Expr[],
  to: readonly Expr[],
): Partitioning {
  if (partitioning.kind !== 'hash') return partitioning
  const pairs = from.map((key, index) => [exprKey(key), exprKey(to[index]!)] as const)
  const keys = partitioning.keys.map((alternatives) => {
    const more = pairs.filter(([own]) => alternatives.includes(own)).map(([, other]) => other)
    return [...alternatives, ...more.filter((key) => !alternatives.includes(key))]
  })
  return { ...partitioning, keys }
}

/** The partitioning after a projection: keys that are no longer columns are lost. */
export function projectPartitioning(partitioning: Partitioning, exprs: readonly NamedExpr[]): Partitioning {
  if (partitioning.kind !== 'hash') return partitioning
  const names = exprs.map(({ column, expr }) => [exprKey(expr), `#${column.id}`] as const)
  const keys = partitioning.keys.map((alternatives) =>
    names.filter(([text]) => alternatives.includes(text)).map(([, name]) => name),
  )
  if (keys.some((alternatives) => alternatives.length === 0))
    return { kind: 'unknown', partitionCount: partitioning.partitionCount }
  return { ...partitioning, keys }
}
