import type { Star } from './ast.ts'
import { atName, expectName, qualifiedName } from './names.ts'
import { startsQuery } from './query-start.ts'
import type { TokenStream } from './token-stream.ts'

/** `*`, `t.*`, with EXCEPT: what may stand as an item of SELECT or an argument, beside expressions. */
export function takeStar(stream: TokenStream): Star | undefined {
  const { position } = stream
  let ahead = 0
  while (atName(stream, ahead) && stream.atSymbol('.', ahead + 1)) ahead += 2
  if (!stream.atSymbol('*', ahead)) return undefined
  const qualifier: string[] = []
  for (; ahead > 0; ahead -= 2) {
    qualifier.push(expectName(stream))
    stream.next()
  }
  stream.next()
  const except =
    stream.atSymbol('(', 1) &&
    !exceptQuery(stream) &&
    (stream.takeWord('EXCEPT') || stream.takeWord('EXCLUDE'))
      ? stream.parenthesized(() => stream.list(() => qualifiedName(stream)))
      : []
  return { kind: 'star', qualifier, except, position }
}

/** `SELECT * EXCEPT (SELECT …)` has no FROM, so it is no sensible query; yet the parenthesis decides. */
function exceptQuery(stream: TokenStream): boolean {
  return stream.peek(2).kind === 'word' && startsQuery(stream, 2) && stream.peek(2).value === 'SELECT'
}
