import type { Schema, Value } from '../types/index.ts'

/** `connect`'s ScanRequest and Split, which plans only carry. */
export interface ScanRequestData {
  readonly options: Readonly<Record<string, string>>
  readonly schema: Schema
  readonly columns: readonly string[]
  readonly predicates: readonly {
    readonly column: string
    readonly op: '=' | '<' | '<=' | '>' | '>=' | 'in' | 'isnull' | 'isnotnull'
    readonly values: readonly Value[]
  }[]
  readonly asCodes?: boolean | undefined
}
export interface SplitData {
  readonly sizeBytes: number
  readonly rowCount?: number | undefined
  readonly bucket?: number | undefined
  /** Hosts that have the data on their disks, if that is known. */
  readonly hosts?: readonly string[] | undefined
  readonly data: unknown
}
