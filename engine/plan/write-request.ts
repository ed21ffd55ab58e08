import type { Schema } from '../types/index.ts'

/** `connect`'s WriteRequest, which plans only carry. */
export interface WriteRequestData {
  readonly options: Readonly<Record<string, string>>
  readonly schema: Schema
  readonly mode: 'error' | 'append' | 'overwrite' | 'ignore'
  readonly partitionColumns: readonly string[]
  readonly bucketing?: { readonly columns: readonly string[]; readonly bucketCount: number } | undefined
  readonly jobId: string
  readonly stream?: { readonly queryId: string; readonly batchId: number } | undefined
}
