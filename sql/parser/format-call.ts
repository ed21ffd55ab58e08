import type { Call, Expression, FrameBound, SortItem, WindowFrame, WindowSpec } from './ast.ts'

/** Gives the text of a part of the expression. */
export type Print = (expression: Expression) => string

/** Functions whose name Spark writes in capitals. */
const CAPITALS: ReadonlySet<string> = new Set(
  (
    'acos asin atan cbrt ceil floor cos cosh cot csc sec exp expm1 log10 log1p log2 log rint signum ' +
    'sin sinh sqrt tan tanh degrees radians acosh asinh atanh atan2 hypot pi e rank dense_rank ' +
    'percent_rank rlike regexp regexp_like'
  ).split(' '),
)

/**
 * Trailing arguments that Spark's names show although they were left out: by name, then by number of
 * arguments.
 */
const DEFAULTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  substring: { 2: '2147483647' },
  substr: { 2: '2147483647' },
  round: { 1: '0' },
  bround: { 1: '0' },
  lag: { 1: '1, NULL', 2: 'NULL' },
  lead: { 1: '1, NULL', 2: 'NULL' },
  overlay: { 3: '-1' },
  locate: { 2: '1' },
  position: { 2: '1' },
  percentile: { 2: '1' },
  percentile_approx: { 2: '10000' },
  approx_percentile: { 2: '10000' },
  regexp_extract: { 2: '1' },
  regexp_extract_all: { 2: '1' },
  regexp_replace: { 3: '1' },
  split: { 2: '-1' },
  sort_array: { 1: 'true' },
  lpad: { 2: ' ' },
  rpad: { 2: ' ' },
}

/** Functions that are casts under another name. */
const CASTS: ReadonlySet<string> = new Set(
  'boolean tinyint smallint int bigint float double decimal date timestamp binary string'.split(' '),
)

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
  const name = call.name.toLowerCase()
  const [first, second] = call.args
  if (call.form === 'operator') return formatConcat(call.args.map(print))
  if (call.form === 'trim' && first !== undefined && second !== undefined) {
    const side = { ltrim: 'LEADING', rtrim: 'TRAILING' }[name] ?? 'BOTH'
    return `TRIM(${side} ${print(second)} FROM ${print(first)})`
  }
  if (name === 'count' && first?.kind === 'star' && call.args.length === 1) return 'count(1)'
  const args = call.args.map(print)
  if (name === 'extract' && args.length === 2) return `extract(${args[0]} FROM ${args[1]})`
  if (name === 'if' && args.length === 3) return `(IF(${args.join(', ')}))`
  if (name === 'isnull' && args.length === 1) return `(${args[0]} IS NULL)`
  if (name === 'isnotnull' && args.length === 1) return `(${args[0]} IS NOT NULL)`
  if (name === 'like' && args.length === 2) return `${args[0]} LIKE ${args[1]}`
  if (name === 'negative' && args.length === 1) return `negative(${args[0]})`
  if (CASTS.has(name) && args.length === 1) return `CAST(${args[0]} AS ${castType(name)})`
  const defaults = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name]?.[args.length] : undefined
  if (defaults !== undefined) args.push(defaults)
  const shownName = CAPITALS.has(name) ? name.toUpperCase() : name
  return `${shownName}(${call.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`
}

function castType(name: string): string {
  return name === 'decimal' ? 'DECIMAL(10,0)' : name.toUpperCase()
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
