import type { TableRef } from '../plan/index.ts'

/** A table or view that outlives the session. */
export type StoredObject =
  | {
      readonly kind: 'table'
      readonly table: TableRef
      readonly location: string
      readonly comment?: string | undefined
      readonly properties?: Readonly<Record<string, string>> | undefined
    }
  | {
      readonly kind: 'view'
      /** The query as written. */
      readonly text: string
      /** Names of the columns, if the view renames them. */
      readonly columns: readonly string[]
      readonly comment?: string | undefined
    }

/** Where tables and views of the warehouse are kept. Names are `[schema, table]` in lower case. */
export interface TableStore {
  load(name: readonly [schema: string, table: string]): Promise<StoredObject | undefined>
  save(name: readonly [schema: string, table: string], object: StoredObject): Promise<void>
  drop(name: readonly [schema: string, table: string]): Promise<void>
  list(schema: string): Promise<readonly string[]>
}
