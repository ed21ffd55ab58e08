import type { Call, Expression, FrameBound, SortItem, WindowFrame, WindowSpec } from './ast.ts'
import { CAPITALS, CASTS, DEFAULTS, FIRST_ONLY, RENAMED, WITHOUT_ARGS } from './format-names.ts'

/** Gives the text of a part of the expression. */
export type Print = (expression: Expression) => string

/** A call as Spark names its column: lower-case function, arguments, and the clauses that were written. */
export function formatCall(call: Call, print: Print): string {
  const base = formatBase(call, print)
  const within = call.withinGroup === undefined ? '' : ` WITHIN GROUP (ORDER BY ${withinItems(call, print)})`
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${print(call.filter)})`
  const over = call.over === undefined ? '' : ` OVER ${formatWindow(call, call.over, print)}`
  return base + within + filter + over
}

function withinItems(call: Call, print: Print): string {
  return (call.withinGroup ?? []).map((i) => print(i.expression) + (i.descending ? ' DESC' : '')).join(', ')
}

function formatBase(call: Call, print: Print): string {
  const [first, second] = call.args
  const written = call.name.toLowerCase()
  if (call.form === 'operator') return formatConcat(call.args.map(print))
  if (call.form === 'trim' && first !== undefined && second !== undefined) {
    const side = { ltrim: 'LEADING', rtrim: 'TRAILING' }[written] ?? 'BOTH'
    return `TRIM(${side} ${print(second)} FROM ${print(first)})`
  }
  if (written === 'count' && first?.kind === 'star' && call.args.length === 1) return 'count(1)'
  const args = call.args.map(print)
  const special = formatSpecial(written, args)
  if (special !== undefined) return special
  const name = Object.hasOwn(RENAMED, written) ? (RENAMED[written] ?? written) : written
  const defaults = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name]?.[args.length] : undefined
  if (defaults !== undefined) args.push(defaults)
  const shown = WITHOUT_ARGS.has(name) ? [] : FIRST_ONLY.has(name) ? args.slice(0, 1) : args
  const shownName = CAPITALS.has(name) ? name.toUpperCase() : name
  return `${shownName}(${call.distinct ? 'DISTINCT ' : ''}${shown.join(', ')})`
}

/** Functions that Spark shows as an operator or another form. */
function formatSpecial(name: string, args: readonly string[]): string | undefined {
  const [first = '', second = ''] = args
  if (args.length === 1) {
    if (CASTS.has(name)) return first
    if (name === 'isnull') return `(${first} IS NULL)`
    if (name === 'isnotnull') return `(${first} IS NOT NULL)`
    if (name === 'positive') return `(+ ${first})`
    if (name === 'not') return `(NOT ${first})`
  }
  if (args.length === 2) {
    if (name === 'extract' || name === 'datepart') return `${name}(${first} FROM ${second})`
    if (name === 'like') return `${first} LIKE ${second}`
  }
  if (args.length === 3 && name === 'if') return `(IF(${args.join(', ')}))`
  return undefined
}

/** Spark reads `a || b || c` as concat(concat(a, b), c). */
function formatConcat(args: readonly string[]): string {
  const [first = '', ...rest] = args
  return 'concat('.repeat(rest.length) + first + rest.map((arg) => `, ${arg})`).join('')
}

function formatWindow(call: Call, window: WindowSpec, print: Print): string {
  const { base, partitionBy, orderBy, frame } = window
  if (base !== undefined && partitionBy.length === 0 && orderBy.length === 0 && frame === undefined)
    return base
  const parts: string[] = []
  if (base !== undefined) parts.push(base)
  if (partitionBy.length > 0) parts.push(`PARTITION BY ${partitionBy.map(print).join(', ')}`)
  if (orderBy.length > 0)
    parts.push(`ORDER BY ${orderBy.map((item) => formatSortItem(item, print)).join(', ')}`)
  parts.push(frame === undefined ? defaultFrame(call, orderBy.length > 0, print) : formatFrame(frame, print))
  return `(${parts.join(' ')})`
}

function formatSortItem({ expression, descending, nullsFirst }: SortItem, print: Print): string {
  return `${print(expression)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
}

const TO_HERE = 'BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'
const BY_ROWS: ReadonlySet<string> = new Set(['rank', 'dense_rank', 'percent_rank', 'row_number', 'ntile'])

/** The frame that Spark fills in, and shows. */
function defaultFrame(call: Call, ordered: boolean, print: Print): string {
  const name = call.name.toLowerCase()
  if (BY_ROWS.has(name)) return `ROWS ${TO_HERE}`
  if (name === 'lag' || name === 'lead') {
    const offset = call.args[1] === undefined ? '1' : print(call.args[1])
    const negative = offset.startsWith('-') ? offset.slice(1) : `-${offset}`
    const bound = `${name === 'lead' ? offset : negative} FOLLOWING`
    return `ROWS BETWEEN ${bound} AND ${bound}`
  }
  return ordered ? `RANGE ${TO_HERE}` : 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'
}

function formatFrame({ unit, start, end }: WindowFrame, print: Print): string {
  return `${unit.toUpperCase()} BETWEEN ${formatBound(start, print)} AND ${formatBound(end, print)}`
}

function formatBound(bound: FrameBound, print: Print): string {
  switch (bound.kind) {
    case 'unboundedPreceding':
      return 'UNBOUNDED PRECEDING'
    case 'unboundedFollowing':
      return 'UNBOUNDED FOLLOWING'
    case 'currentRow':
      return 'CURRENT ROW'
    default:
      return `${print(bound.offset)} ${bound.kind.toUpperCase()}`
  }
}
