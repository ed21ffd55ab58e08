import type { Call, Expression, Position, SortItem } from './ast.ts'
import { literal } from './literal.ts'
import { expectName } from './names.ts'
import { type SpecialForm, specialForm } from './special-form.ts'
import { takeStar } from './star.ts'
import type { TokenStream } from './token-stream.ts'
import { parseOver, parseSortItems } from './window.ts'

/** The arguments of the function `name`, which the parenthesis here opens, and the clauses after them. */
export function parseCall(stream: TokenStream, name: string, position: Position): Call {
  stream.enterParenthesis()
  let base: SpecialForm = { whole: false, name, args: [] }
  let distinct: true | undefined
  if (!stream.atSymbol(')')) {
    if (stream.takeWord('DISTINCT')) distinct = true
    else if (stream.atWord('ALL') && !stream.atSymbol(')', 1) && !stream.atSymbol(',', 1)) stream.next()
    base = specialForm(stream, name) ?? { whole: false, name, args: [parseArgument(stream)] }
  }
  const args = [...base.args]
  if (!base.whole && args.length > 0) while (stream.takeSymbol(',')) args.push(parseArgument(stream))
  const innerNulls = takeNulls(stream)
  stream.leaveParenthesis()
  const withinGroup = takeWithinGroup(stream)
  const filter = takeFilter(stream)
  const nulls = takeNulls(stream) ?? innerNulls
  const over = stream.takeWord('OVER') ? parseOver(stream) : undefined
  const clauses = { distinct, filter, nulls, withinGroup, over, form: base.form }
  const call: Call = { kind: 'call', name: base.name, args, ...clauses, position }
  return timestampArithmetic(call) ?? call
}

function parseArgument(stream: TokenStream): Expression {
  const star = takeStar(stream)
  if (star !== undefined) return star
  const { position, token } = stream
  if ((token.kind === 'word' || token.kind === 'quoted') && stream.atSymbol('=>', 1)) {
    const name = expectName(stream)
    stream.next()
    return { kind: 'namedArgument', name, value: stream.grammar.expression(stream), position }
  }
  const value = stream.grammar.expression(stream)
  if (!stream.takeWord('AS')) return value
  return { kind: 'namedArgument', name: expectName(stream), value, form: 'as', position }
}

/** The arguments of a table function or hint: no clauses after them. */
export function parseArguments(stream: TokenStream): Expression[] {
  return stream.parenthesized(() => (stream.atSymbol(')') ? [] : stream.list(() => parseArgument(stream))))
}

function takeNulls(stream: TokenStream): Call['nulls'] {
  if (stream.takeWord('IGNORE', 'NULLS')) return 'ignore'
  return stream.takeWord('RESPECT', 'NULLS') ? 'respect' : undefined
}

function takeWithinGroup(stream: TokenStream): SortItem[] | undefined {
  if (!stream.takeWord('WITHIN', 'GROUP')) return undefined
  return stream.parenthesized(() => {
    stream.expectWord('ORDER', 'BY')
    return parseSortItems(stream)
  })
}

function takeFilter(stream: TokenStream): Expression | undefined {
  if (!stream.atWord('FILTER') || !stream.atSymbol('(', 1)) return undefined
  stream.next()
  return stream.parenthesized(() => {
    stream.expectWord('WHERE')
    return stream.grammar.expression(stream)
  })
}

const UNITS: ReadonlySet<string> = new Set([
  'YEAR',
  'QUARTER',
  'MONTH',
  'WEEK',
  'DAY',
  'DAYOFYEAR',
  'HOUR',
  'MINUTE',
  'SECOND',
  'MILLISECOND',
  'MICROSECOND',
])
const TIMESTAMP_CALLS: Readonly<Record<string, string>> = {
  timestampadd: 'timestampadd',
  dateadd: 'timestampadd',
  date_add: 'timestampadd',
  timestampdiff: 'timestampdiff',
  datediff: 'timestampdiff',
  date_diff: 'timestampdiff',
  timediff: 'timestampdiff',
}

/** `dateadd(MONTH, 1, d)` has a unit first, not a column: `timestampadd('MONTH', 1, d)`. */
function timestampArithmetic(call: Call): Call | undefined {
  const [unit, ...rest] = call.args
  const key = call.name.toLowerCase()
  const name = Object.hasOwn(TIMESTAMP_CALLS, key) ? TIMESTAMP_CALLS[key] : undefined
  if (name === undefined || rest.length !== 2 || unit?.kind !== 'column' || unit.parts.length !== 1)
    return undefined
  const word = unit.parts[0]?.toUpperCase() ?? ''
  return UNITS.has(word)
    ? { ...call, name, args: [literal('string', word, unit.position), ...rest] }
    : undefined
}
