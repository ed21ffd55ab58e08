/** Where a node starts. Lines and columns count from 1, the offset (UTF-16 units) from 0. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** What every node may have. The parser always sets it; nodes built by hand have none. */
export interface Located {
  readonly position?: Position | undefined
}

/**
 * A type as Spark's simple string starts: aliases are resolved (`long` is `bigint`, `varchar(3)` is
 * `string`).
 */
export type TypeNameId =
  | 'void'
  | 'boolean'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'float'
  | 'double'
  | 'decimal'
  | 'string'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz'
  | 'interval year'
  | 'interval month'
  | 'interval year to month'
  | 'interval day'
  | 'interval hour'
  | 'interval minute'
  | 'interval second'
  | 'interval day to hour'
  | 'interval day to minute'
  | 'interval day to second'
  | 'interval hour to minute'
  | 'interval hour to second'
  | 'interval minute to second'
  | 'array'
  | 'map'
  | 'struct'

/**
 * A written type. `args` is `[precision, scale]` for decimal (10, 0 by default) and empty otherwise.
 * `element` is set for array, `key` and `value` for map, `fields` for struct.
 */
export interface TypeName extends Located {
  readonly kind: 'type'
  readonly name: TypeNameId
  readonly args: readonly number[]
  readonly element?: TypeName | undefined
  readonly key?: TypeName | undefined
  readonly value?: TypeName | undefined
  readonly fields?: readonly TypeField[] | undefined
}

export interface TypeField {
  readonly name: string
  readonly type: TypeName
  readonly nullable: boolean
  readonly comment?: string | undefined
}
