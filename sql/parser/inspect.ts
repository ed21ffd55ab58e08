import type { Describe, Show } from './ast.ts'
import { adjacentStrings } from './literal.ts'
import { atName, expectName, qualifiedName } from './names.ts'
import { parseQuery } from './query.ts'
import { startsQuery } from './query-start.ts'
import { objectError, parsePartition } from './statement-parts.ts'
import { syntaxError } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'

/** DESCRIBE of a table, a query or a function. */
export function parseDescribe(stream: TokenStream): Describe {
  stream.next()
  if (stream.takeWord('FUNCTION')) {
    const extended = stream.takeWord('EXTENDED')
    const name = stream.token.kind === 'string' ? stream.next().value : qualifiedName(stream).join('.')
    return { kind: 'describeFunction', name, extended }
  }
  if (stream.atWord('QUERY') && startsQuery(stream, 1)) stream.next()
  if (startsQuery(stream, 0) && !stream.atWord('TABLE'))
    return { kind: 'describeQuery', query: parseQuery(stream) }
  if (stream.atOneOf('DATABASE', 'SCHEMA', 'NAMESPACE') !== undefined && atName(stream, 1)) {
    throw objectError(stream, 'DESCRIBE', stream.previous.position)
  }
  if (atName(stream, 1)) stream.takeWord('TABLE')
  const extended = atName(stream, 1) && stream.takeOneOf('EXTENDED', 'FORMATTED') !== undefined
  const parts = qualifiedName(stream)
  const column = atName(stream) ? qualifiedName(stream) : undefined
  return { kind: 'describeTable', parts, extended, column }
}

/** SHOW of what the catalog holds. */
export function parseShow(stream: TokenStream): Show {
  const { position } = stream
  stream.next()
  if (stream.takeWord('CREATE', 'TABLE')) {
    const parts = qualifiedName(stream)
    stream.takeWord('AS', 'SERDE')
    return { kind: 'showOf', object: 'createTable', parts }
  }
  if (stream.takeWord('PARTITIONS')) {
    const parts = qualifiedName(stream)
    return {
      kind: 'showPartitions',
      parts,
      partition: stream.takeWord('PARTITION') ? parsePartition(stream) : [],
    }
  }
  if (stream.takeWord('COLUMNS')) return showColumns(stream)
  if (stream.atOneOf('USER', 'SYSTEM', 'ALL') !== undefined && stream.peek(1).value === 'FUNCTIONS')
    stream.next()
  const word = stream.takeOneOf('TABLES', 'VIEWS', 'FUNCTIONS', 'SCHEMAS', 'DATABASES', 'NAMESPACES')
  if (word === undefined) throw objectError(stream, 'SHOW', position)
  const inSchema = stream.takeOneOf('IN', 'FROM') === undefined ? undefined : qualifiedName(stream)
  const like = stream.takeWord('LIKE')
  const pattern = like || stream.token.kind === 'string' ? showPattern(stream) : undefined
  return { kind: 'show', object: OBJECTS[word], inSchema, pattern }
}

const OBJECTS = {
  TABLES: 'tables',
  VIEWS: 'views',
  FUNCTIONS: 'functions',
  SCHEMAS: 'schemas',
  DATABASES: 'schemas',
  NAMESPACES: 'schemas',
} as const

/** A quoted pattern; SHOW FUNCTIONS LIKE also takes a bare name. */
function showPattern(stream: TokenStream): string {
  return stream.token.kind === 'string' ? adjacentStrings(stream) : qualifiedName(stream).join('.')
}

/** COLUMNS IN table [IN schema] */
function showColumns(stream: TokenStream): Show {
  if (stream.takeOneOf('IN', 'FROM') === undefined) throw stream.error('Write SHOW COLUMNS IN table.')
  const table = qualifiedName(stream)
  if (stream.takeOneOf('IN', 'FROM') === undefined) return { kind: 'showOf', object: 'columns', parts: table }
  if (table.length > 1) throw syntaxError(stream, 'the table has a schema already')
  return { kind: 'showOf', object: 'columns', parts: [expectName(stream), ...table] }
}
