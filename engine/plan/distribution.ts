import type { Expr } from '../expr/index.ts'

/** How an exchange spreads rows over its output partitions. */
export type Distribution =
  | { readonly kind: 'single' }
  | { readonly kind: 'hash'; readonly keys: readonly Expr[]; readonly partitionCount: number }
  | { readonly kind: 'roundRobin'; readonly partitionCount: number }
  /** Each row to the partition whose number stands in an int32 column. */
  | { readonly kind: 'direct'; readonly column: number; readonly partitionCount: number }
  /** All rows of the first task to the first partition, of the second to the second …: nothing moves. */
  | { readonly kind: 'forward'; readonly partitionCount: number }
  /** All rows to every partition of the reader. */
  | { readonly kind: 'broadcast' }

/** What a stage that ends in a JoinBuildExec leaves: its table. */
export interface TableOutput {
  readonly kind: 'table'
}
