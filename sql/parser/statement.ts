import type {
  CacheTable,
  CommonTable,
  Explain,
  Insert,
  Position,
  Reset,
  SetStatement,
  SetTimeZone,
  Statement,
  Use,
} from './ast.ts'
import { parseCreate } from './create.ts'
import { parseDescribe, parseShow } from './inspect.ts'
import { intervalLiteral } from './interval.ts'
import { adjacentStrings } from './literal.ts'
import { expectName, nameList, qualifiedName } from './names.ts'
import { parseQuery, parseQueryAfterWith, parseWith } from './query.ts'
import { atQuery, startsQuery } from './query-start.ts'
import { objectError, parsePartition } from './statement-parts.ts'
import { unsupported } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'

type Rule = (stream: TokenStream) => Statement

/** One statement, without the semicolon after it. */
export function parseStatement(stream: TokenStream): Statement {
  const { position, token } = stream
  if (stream.atSymbol('(') || startsQuery(stream, 0)) {
    const commonTables = parseWith(stream)
    if (commonTables.length > 0 && stream.atWord('INSERT')) return insertWith(stream, commonTables, position)
    const query = { ...parseQueryAfterWith(stream, commonTables), position }
    return { kind: 'queryStatement', query, position }
  }
  const rule = token.kind === 'word' && Object.hasOwn(RULES, token.value) ? RULES[token.value] : undefined
  if (rule !== undefined) return { ...rule(stream), position }
  if (stream.atWord('FROM'))
    throw unsupported('a query that starts with FROM', position, 'Start it with SELECT.')
  if (token.kind === 'word' && UNSUPPORTED.has(token.value)) throw unsupported(token.value, position)
  for (const keyword of ['SELECT', 'WITH', 'VALUES', ...Object.keys(RULES)]) stream.atWord(keyword)
  throw stream.error('Expected a statement here, such as SELECT, CREATE, INSERT or SHOW.')
}

const RULES: Readonly<Record<string, Rule>> = {
  CREATE: parseCreate,
  INSERT: parseInsert,
  DROP: parseDrop,
  DESCRIBE: parseDescribe,
  DESC: parseDescribe,
  SHOW: parseShow,
  EXPLAIN: parseExplain,
  SET: parseSet,
  RESET: parseReset,
  TRUNCATE: (stream) => parseTableCommand(stream, 'truncateTable'),
  REFRESH: (stream) => parseTableCommand(stream, 'refreshTable'),
  CACHE: parseCache,
  UNCACHE: parseUncache,
  CLEAR: parseClear,
  ANALYZE: parseAnalyze,
  USE: parseUse,
}

/** Statements of Spark that are known, so that the error names them. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'DELETE',
  'UPDATE',
  'MERGE',
  'ALTER',
  'GRANT',
  'REVOKE',
  'LOAD',
  'MSCK',
  'REPAIR',
  'EXPORT',
  'IMPORT',
  'COMMENT',
  'CALL',
  'DECLARE',
  'BEGIN',
  'EXECUTE',
  'LOCK',
  'UNLOCK',
  'START',
  'COMMIT',
  'ROLLBACK',
  'REPLACE',
  'ADD',
  'LIST',
  'DFS',
  'MAP',
  'REDUCE',
])

/** WITH … INSERT …: the names are those of the query that is inserted. */
function insertWith(stream: TokenStream, commonTables: readonly CommonTable[], position: Position): Insert {
  const insert = parseInsert(stream)
  const { query } = insert
  return { ...insert, query: { ...query, with: [...commonTables, ...query.with] }, position }
}

function parseInsert(stream: TokenStream): Insert {
  stream.next()
  const overwrite = stream.takeWord('OVERWRITE')
  if (!overwrite) stream.expectWord('INTO')
  if (stream.atWord('LOCAL', 'DIRECTORY') || stream.atWord('DIRECTORY')) {
    throw unsupported(
      'INSERT OVERWRITE DIRECTORY',
      stream.position,
      'Create a table with a LOCATION instead.',
    )
  }
  stream.takeWord('TABLE')
  const parts = qualifiedName(stream)
  const partition = stream.takeWord('PARTITION') ? parsePartition(stream) : []
  const ifNotExists = stream.takeWord('IF', 'NOT', 'EXISTS')
  const byName = stream.takeWord('BY', 'NAME')
  const columns = !byName && stream.atSymbol('(') && !atQuery(stream) ? nameList(stream) : []
  if (stream.atWord('REPLACE', 'WHERE')) throw unsupported('INSERT INTO … REPLACE WHERE', stream.position)
  const query = parseQuery(stream)
  return { kind: 'insert', parts, overwrite, partition, ifNotExists, columns, byName, query }
}

function parseDrop(stream: TokenStream): Statement {
  const { position } = stream
  stream.next()
  stream.takeOneOf('TEMPORARY', 'TEMP')
  const word = stream.takeOneOf('TABLE', 'VIEW')
  if (word === undefined) throw objectError(stream, 'DROP', position)
  const ifExists = stream.takeWord('IF', 'EXISTS')
  const parts = qualifiedName(stream)
  stream.takeWord('PURGE')
  return { kind: 'drop', object: word === 'TABLE' ? 'table' : 'view', parts, ifExists }
}

function parseExplain(stream: TokenStream): Explain {
  stream.next()
  const word = stream.takeOneOf('EXTENDED', 'FORMATTED', 'CODEGEN', 'COST', 'ANALYZE')
  const ofTable = word === 'ANALYZE' && stream.atWord('TABLE') && stream.peek(2).value === 'COMPUTE'
  if (ofTable) stream.rewind(stream.index - 1)
  const mode = word === undefined || ofTable ? 'simple' : MODES[word]
  return { kind: 'explain', mode, statement: stream.nested(() => parseStatement(stream)) }
}

const MODES = {
  EXTENDED: 'extended',
  FORMATTED: 'formatted',
  CODEGEN: 'codegen',
  COST: 'cost',
  ANALYZE: 'analyze',
} as const

function parseSet(stream: TokenStream): SetStatement | SetTimeZone {
  stream.next()
  if (stream.takeWord('TIME', 'ZONE')) return parseTimeZone(stream)
  if (stream.atEnd() || stream.atSymbol(';')) return { kind: 'set' }
  const start = stream.position.offset
  const key = rawKey(stream, start)
  if (!stream.takeSymbol('=')) return { kind: 'set', key }
  const { token } = stream
  const valueStart = token.position.offset
  while (!stream.atEnd() && !stream.atSymbol(';')) stream.next()
  const value = stream.text.slice(valueStart, stream.previous.end)
  const quoted = token.kind === 'string' && stream.previous === token
  return { kind: 'set', key, value: quoted ? token.value : valueStart < stream.previous.end ? value : '' }
}

/** The text up to `=` or the end. Backquotes around it are left out. */
function rawKey(stream: TokenStream, start: number): string {
  const { token } = stream
  while (!stream.atEnd() && !stream.atSymbol(';') && !stream.atSymbol('=')) stream.next()
  if (stream.previous === token && token.kind === 'quoted') return token.value
  const key = stream.text.slice(start, stream.previous.end)
  if (start >= stream.previous.end || /\s/.test(key)) throw stream.error('Write SET key = value.')
  return key
}

function parseTimeZone(stream: TokenStream): SetTimeZone {
  if (stream.takeWord('LOCAL')) return { kind: 'setTimeZone' }
  if (stream.token.kind === 'string') return { kind: 'setTimeZone', zone: adjacentStrings(stream) }
  const interval = stream.atWord('INTERVAL') ? intervalLiteral(stream) : undefined
  if (typeof interval?.value !== 'bigint') throw stream.error("Write SET TIME ZONE 'Europe/Paris', or LOCAL.")
  return { kind: 'setTimeZone', offsetMicros: interval.value }
}

function parseReset(stream: TokenStream): Reset {
  stream.next()
  if (stream.atEnd() || stream.atSymbol(';')) return { kind: 'reset' }
  return { kind: 'reset', key: rawKey(stream, stream.position.offset) }
}

function parseTableCommand(stream: TokenStream, kind: 'truncateTable' | 'refreshTable'): Statement {
  stream.next()
  if (kind === 'truncateTable') stream.expectWord('TABLE')
  else stream.takeWord('TABLE')
  return { kind, parts: qualifiedName(stream) }
}

function parseCache(stream: TokenStream): CacheTable {
  stream.next()
  const lazy = stream.takeWord('LAZY')
  stream.expectWord('TABLE')
  const parts = qualifiedName(stream)
  const hasQuery = stream.takeWord('AS') || startsQuery(stream, 0)
  return { kind: 'cacheTable', parts, lazy, query: hasQuery ? parseQuery(stream) : undefined }
}

function parseUncache(stream: TokenStream): CacheTable {
  stream.next()
  stream.expectWord('TABLE')
  const ifExists = stream.takeWord('IF', 'EXISTS')
  return { kind: 'uncacheTable', parts: qualifiedName(stream), ifExists }
}

function parseClear(stream: TokenStream): CacheTable {
  stream.next()
  stream.expectWord('CACHE')
  return { kind: 'clearCache' }
}

function parseAnalyze(stream: TokenStream): Statement {
  stream.next()
  stream.expectWord('TABLE')
  const parts = qualifiedName(stream)
  stream.expectWord('COMPUTE', 'STATISTICS')
  const scan = !stream.takeWord('NOSCAN')
  const base = { kind: 'analyzeTable', parts, scan } as const
  if (stream.takeWord('FOR', 'ALL', 'COLUMNS')) return { ...base, columns: 'all' }
  if (stream.takeWord('FOR', 'COLUMNS')) return { ...base, columns: stream.list(() => expectName(stream)) }
  return { ...base, columns: 'none' }
}

function parseUse(stream: TokenStream): Use {
  stream.next()
  if (stream.peek(1).kind !== 'end' && !stream.atSymbol(';', 1))
    stream.takeOneOf('SCHEMA', 'DATABASE', 'NAMESPACE')
  return { kind: 'use', parts: qualifiedName(stream) }
}
