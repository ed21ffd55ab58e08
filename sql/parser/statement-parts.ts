import type { Insert, Position } from './ast.ts'
import { expectName } from './names.ts'
import { unsupported } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'

/** `(a = 1, b)` */
export function parsePartition(stream: TokenStream): Insert['partition'] {
  return stream.parenthesized(() =>
    stream.list(() => {
      const column = expectName(stream)
      return stream.takeSymbol('=') ? { column, value: stream.grammar.expression(stream) } : { column }
    }),
  )
}

/** `DROP FUNCTION` is known but not supported; `DROP TABEL` is misspelt. */
export function objectError(stream: TokenStream, verb: string, position: Position): Error {
  const object = stream.atOneOf(
    'DATABASE',
    'SCHEMA',
    'NAMESPACE',
    'FUNCTION',
    'INDEX',
    'CATALOG',
    'VARIABLE',
    'MATERIALIZED',
    'CONNECTION',
    'STREAMING',
    'PROCEDURE',
    'TBLPROPERTIES',
    'LOCKS',
    'ROLE',
    'CATALOGS',
    'CURRENT',
  )
  if (object === undefined) return stream.error()
  return unsupported(`${verb} ${object}`, position)
}
