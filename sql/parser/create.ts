import type {
  Bucketing,
  ColumnDefinition,
  CreateTable,
  CreateTempViewUsing,
  CreateView,
  OptionEntry,
  Statement,
} from './ast.ts'
import { adjacentStrings } from './literal.ts'
import { atName, expectName, nameList, qualifiedName } from './names.ts'
import { parseQuery } from './query.ts'
import { atQuery, startsQuery } from './query-start.ts'
import { objectError } from './statement-parts.ts'
import { syntaxError, unsupported } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'
import { parseTypeName } from './type-parser.ts'

/** CREATE of a view or a table. */
export function parseCreate(stream: TokenStream): Statement {
  const { position } = stream
  stream.next()
  const orReplace = stream.takeWord('OR', 'REPLACE')
  const global = stream.takeWord('GLOBAL')
  const temporary = stream.takeOneOf('TEMPORARY', 'TEMP') !== undefined
  if (stream.takeWord('VIEW')) return parseCreateView(stream, orReplace, global, temporary)
  stream.takeWord('EXTERNAL')
  if (!stream.takeWord('TABLE')) throw objectError(stream, 'CREATE', position)
  if (temporary) throw unsupported('CREATE TEMPORARY TABLE', position, 'Create a temporary view instead.')
  return parseCreateTable(stream, orReplace)
}

function parseCreateView(
  stream: TokenStream,
  orReplace: boolean,
  global: boolean,
  temporary: boolean,
): CreateView | CreateTempViewUsing {
  const ifNotExists = stream.takeWord('IF', 'NOT', 'EXISTS')
  const parts = qualifiedName(stream)
  // Only with types, and then USING, does a view have definitions of columns.
  if (
    temporary &&
    (stream.atWord('USING') || stream.tokenAt(stream.closing(stream.index) + 1).value === 'USING')
  ) {
    const columns = stream.atSymbol('(') ? parseColumns(stream) : []
    stream.expectWord('USING')
    const format = qualifiedName(stream).join('.')
    const options = stream.takeWord('OPTIONS') ? parseOptions(stream) : []
    return { kind: 'createTempViewUsing', parts, global, orReplace, columns, format, options }
  }
  const columns = stream.atSymbol('(') ? parseViewColumns(stream) : []
  let comment: string | undefined
  let properties: readonly OptionEntry[] = []
  for (;;) {
    if (stream.takeWord('COMMENT')) comment = adjacentStrings(stream)
    else if (stream.takeWord('TBLPROPERTIES')) properties = parseOptions(stream)
    else break
  }
  stream.expectWord('AS')
  const start = stream.position.offset
  const query = parseQuery(stream)
  const text = stream.text.slice(start, stream.previous.end)
  const scope = global ? 'globalTemporary' : temporary ? 'temporary' : 'permanent'
  return {
    kind: 'createView',
    parts,
    scope,
    orReplace,
    ifNotExists,
    columns,
    comment,
    properties,
    query,
    text,
  }
}

function parseViewColumns(stream: TokenStream): CreateView['columns'] {
  return stream.parenthesized(() =>
    stream.list(() => {
      const name = expectName(stream)
      return stream.takeWord('COMMENT') ? { name, comment: adjacentStrings(stream) } : { name }
    }),
  )
}

/** What the clauses after the columns say, in any order. */
interface TableClauses {
  format?: string
  options?: readonly OptionEntry[]
  partitionedBy?: readonly string[]
  partitionColumns?: readonly ColumnDefinition[]
  bucketing?: Bucketing
  location?: string
  comment?: string
  properties?: readonly OptionEntry[]
}

function parseCreateTable(stream: TokenStream, orReplace: boolean): CreateTable {
  const ifNotExists = stream.takeWord('IF', 'NOT', 'EXISTS')
  const parts = qualifiedName(stream)
  if (stream.atWord('LIKE')) throw unsupported('CREATE TABLE … LIKE', stream.position)
  const declared = stream.atSymbol('(') && !atQuery(stream) ? parseColumns(stream) : []
  const clauses: TableClauses = {}
  while (takeClause(stream, clauses));
  const hasQuery = stream.takeWord('AS') || startsQuery(stream, 0) || stream.atSymbol('(')
  const query = hasQuery ? parseQuery(stream) : undefined
  const { options = [], partitionedBy = [], partitionColumns = [], properties = [], ...rest } = clauses
  const columns = [...declared, ...partitionColumns]
  const base = {
    kind: 'createTable',
    parts,
    orReplace,
    ifNotExists,
    columns,
    options,
    partitionedBy,
  } as const
  return { ...base, ...rest, properties, query }
}

/** Reads one clause into `clauses`; false when none stands here. A clause given twice is an error. */
function takeClause(stream: TokenStream, clauses: TableClauses): boolean {
  const { index } = stream
  const read = readClause(stream)
  if (read === undefined) return false
  const twice = Object.keys(read).find((key) => Object.hasOwn(clauses, key))
  if (twice !== undefined) {
    stream.rewind(index)
    throw syntaxError(stream, `clause ${stream.token.value} is given twice`)
  }
  Object.assign(clauses, read)
  return true
}

function readClause(stream: TokenStream): TableClauses | undefined {
  if (stream.takeWord('USING')) return { format: qualifiedName(stream).join('.') }
  if (stream.takeWord('STORED', 'AS')) return { format: expectName(stream) }
  if (stream.takeWord('OPTIONS')) return { options: parseOptions(stream) }
  if (stream.takeWord('PARTITIONED', 'BY')) return parsePartitionedBy(stream)
  if (stream.takeWord('CLUSTERED', 'BY')) return { bucketing: parseBucketing(stream) }
  if (stream.takeWord('LOCATION')) return { location: adjacentStrings(stream) }
  if (stream.takeWord('COMMENT')) return { comment: adjacentStrings(stream) }
  if (stream.takeWord('TBLPROPERTIES')) return { properties: parseOptions(stream) }
  if (stream.atWord('ROW', 'FORMAT'))
    throw unsupported('ROW FORMAT', stream.position, 'Use USING csv OPTIONS (…).')
  if (stream.atWord('CLUSTER', 'BY')) throw unsupported('CREATE TABLE … CLUSTER BY', stream.position)
  return undefined
}

function parseColumns(stream: TokenStream): ColumnDefinition[] {
  return stream.parenthesized(() => stream.list(() => parseColumn(stream)))
}

/** `name type [NOT NULL] [DEFAULT value] [COMMENT 'text']` */
function parseColumn(stream: TokenStream): ColumnDefinition {
  const { position } = stream
  const constraint = stream.atOneOf('CONSTRAINT', 'PRIMARY', 'FOREIGN', 'UNIQUE', 'CHECK')
  const followed = stream.peek(1).value
  if (
    constraint !== undefined &&
    (followed === 'KEY' || followed === '(' || stream.peek(2).kind === 'word')
  ) {
    throw unsupported(`constraint ${constraint}`, position, 'Only NOT NULL is checked.')
  }
  const name = expectName(stream)
  const column: { -readonly [K in keyof ColumnDefinition]: ColumnDefinition[K] } = {
    name,
    type: parseTypeName(stream),
    nullable: true,
    position,
  }
  for (;;) {
    if (stream.takeWord('NOT', 'NULL')) column.nullable = false
    else if (stream.takeWord('DEFAULT')) column.default = stream.grammar.expression(stream)
    else if (stream.takeWord('COMMENT')) column.comment = adjacentStrings(stream)
    else if (!stream.takeWord('NULL')) break
  }
  const more = stream.atOneOf('GENERATED', 'PRIMARY', 'REFERENCES', 'CHECK', 'UNIQUE')
  if (more !== undefined) throw unsupported(`${more} of a column`, stream.position)
  return column
}

/** `(a, b)`, or `(a int, b string)`, which also declares the columns. */
function parsePartitionedBy(stream: TokenStream): TableClauses {
  const partitionColumns: ColumnDefinition[] = []
  const partitionedBy = stream.parenthesized(() =>
    stream.list(() => {
      if (stream.atSymbol('(', 1))
        throw unsupported(`partition transform ${stream.token.text}`, stream.position)
      if (!atName(stream, 1)) return expectName(stream)
      const column = parseColumn(stream)
      partitionColumns.push(column)
      return column.name
    }),
  )
  return { partitionedBy, partitionColumns }
}

/** `(a, b) [SORTED BY (a DESC)] INTO 8 BUCKETS` */
function parseBucketing(stream: TokenStream): Bucketing {
  const columns = nameList(stream)
  const sort = stream.takeWord('SORTED', 'BY')
    ? stream.parenthesized(() =>
        stream.list(() => ({
          column: expectName(stream),
          descending: stream.takeOneOf('ASC', 'DESC') === 'DESC',
        })),
      )
    : []
  stream.expectWord('INTO')
  const count = Number(stream.token.value)
  if (stream.token.kind !== 'number' || !Number.isInteger(count) || count < 1) {
    throw stream.error('Expected the number of buckets here.')
  }
  stream.next()
  stream.expectWord('BUCKETS')
  return { columns, sort, count }
}

/** `(key value, 'key' = 'value', a.b 3)` */
function parseOptions(stream: TokenStream): OptionEntry[] {
  return stream.parenthesized(() => {
    if (stream.atSymbol(')')) return []
    return stream.list(() => {
      const key = stream.token.kind === 'string' ? stream.next().value : qualifiedName(stream).join('.')
      const hasSign = stream.takeSymbol('=')
      if (!hasSign && (stream.atSymbol(',') || stream.atSymbol(')'))) return { key, value: '' }
      return { key, value: optionValue(stream) }
    })
  })
}

function optionValue(stream: TokenStream): string {
  const { token } = stream
  if (token.kind === 'string') return adjacentStrings(stream)
  const sign = stream.takeSymbol('-') ? '-' : ''
  if (stream.token.kind === 'number') return sign + stream.next().value
  const word = sign === '' ? stream.takeOneOf('TRUE', 'FALSE', 'NULL') : undefined
  if (word === undefined) throw stream.error('Expected a quoted string, a number, TRUE or FALSE here.')
  return word.toLowerCase()
}
