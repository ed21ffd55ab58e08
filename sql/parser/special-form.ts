import type { Call, Expression } from './ast.ts'
import { literal } from './literal.ts'
import type { TokenStream } from './token-stream.ts'

/**
 * What a special form read. When `whole`, its arguments are all there are; otherwise it was an ordinary call
 * after all, `args` holds the first argument, and a comma may follow.
 */
export interface SpecialForm {
  readonly whole: boolean
  readonly name: string
  readonly args: readonly Expression[]
  readonly form?: Call['form']
}

/**
 * Functions that may be called with words between their arguments: extract, substring, trim, position,
 * overlay. Reads after the opening parenthesis; undefined, with nothing taken, for other functions.
 */
export function specialForm(stream: TokenStream, name: string): SpecialForm | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(FORMS, key) ? FORMS[key]?.(stream, name) : undefined
}

type Form = (stream: TokenStream, name: string) => SpecialForm | undefined

const FORMS: Readonly<Record<string, Form>> = {
  extract: extractForm,
  substring: substringForm,
  substr: substringForm,
  trim: trimForm,
  position: positionForm,
  overlay: overlayForm,
}

/** extract(YEAR FROM x) */
function extractForm(stream: TokenStream): SpecialForm | undefined {
  const { token, position } = stream
  const from = stream.peek(1)
  if ((token.kind !== 'word' && token.kind !== 'string') || from.value !== 'FROM' || from.kind !== 'word') {
    return undefined
  }
  stream.next()
  stream.next()
  const field = literal('string', token.kind === 'word' ? token.text : token.value, position)
  return { whole: true, name: 'extract', args: [field, expression(stream)] }
}

/** substring(x FROM a FOR b) */
function substringForm(stream: TokenStream, name: string): SpecialForm {
  const args = [expression(stream)]
  if (!stream.takeWord('FROM')) return { whole: false, name, args }
  args.push(expression(stream))
  if (stream.takeWord('FOR')) args.push(expression(stream))
  return { whole: true, name, args }
}

const TRIMS = { BOTH: 'btrim', LEADING: 'ltrim', TRAILING: 'rtrim' } as const

/** trim([BOTH | LEADING | TRAILING] [characters] FROM x); `trim(FROM x)` is not allowed. */
function trimForm(stream: TokenStream, written: string): SpecialForm {
  const alone = stream.atSymbol(')', 1) || stream.atSymbol(',', 1)
  const side = alone ? undefined : stream.takeOneOf('BOTH', 'LEADING', 'TRAILING')
  if (side !== undefined && stream.takeWord('FROM')) {
    return { whole: true, name: side === 'BOTH' ? 'trim' : TRIMS[side], args: [expression(stream)] }
  }
  const characters = expression(stream)
  if (stream.takeWord('FROM')) {
    return { whole: true, name: TRIMS[side ?? 'BOTH'], args: [expression(stream), characters], form: 'trim' }
  }
  if (side !== undefined) throw stream.error('Expected FROM here: trim(BOTH characters FROM text).')
  return { whole: false, name: written, args: [characters] }
}

/** position(a IN b): Spark's locate(a, b, 1) */
function positionForm(stream: TokenStream, written: string): SpecialForm {
  const part = stream.grammar.value(stream)
  if (!stream.takeWord('IN')) return { whole: false, name: written, args: [part] }
  return { whole: true, name: 'locate', args: [part, stream.grammar.value(stream), literal('int', 1)] }
}

/** overlay(x PLACING y FROM a FOR b) */
function overlayForm(stream: TokenStream, name: string): SpecialForm {
  const args = [expression(stream)]
  if (!stream.takeWord('PLACING')) return { whole: false, name, args }
  args.push(expression(stream))
  stream.expectWord('FROM')
  args.push(expression(stream))
  if (stream.takeWord('FOR')) args.push(expression(stream))
  return { whole: true, name, args }
}

function expression(stream: TokenStream): Expression {
  return stream.grammar.expression(stream)
}
