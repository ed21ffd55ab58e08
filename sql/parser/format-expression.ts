import type { Binary, Case, Cast, Expression, Lambda, Like, Tuple } from './ast.ts'
import { formatCall } from './format-call.ts'
import { formatLiteral } from './format-literal.ts'
import { formatType } from './format-type.ts'

export interface FormatOptions {
  /** The text of a column; by default its last part, as Spark leaves qualifiers out. */
  readonly columnName?: (parts: readonly string[]) => string
}

/** The name that Spark gives to a column without alias: `sum(a)`, `(a + 1)`, `count(1)`, `CAST(a AS INT)`. */
export function formatExpression(expression: Expression, options: FormatOptions = {}): string {
  const { columnName = (parts) => parts.at(-1) ?? '' } = options
  return format(expression, { columnName, variables: new Set() })
}

interface Context {
  readonly columnName: (parts: readonly string[]) => string
  /** Lower-case parameters of the lambdas around. */
  readonly variables: ReadonlySet<string>
}

function format(expression: Expression, context: Context): string {
  const print = (part: Expression): string => format(part, context)
  switch (expression.kind) {
    case 'literal':
      return formatLiteral(expression)
    case 'column':
      return formatColumn(expression.parts, context)
    case 'star':
      return [...expression.qualifier, '*'].join('.')
    case 'field':
      return `${print(expression.input)}.${expression.name}`
    case 'index':
      return `${print(expression.input)}[${print(expression.index)}]`
    case 'call':
      return formatCall(expression, print)
    case 'namedArgument':
      return expression.form === 'as'
        ? `${print(expression.value)} AS ${expression.name}`
        : `${expression.name} => ${print(expression.value)}`
    case 'cast':
      return formatCast(expression, print)
    case 'case':
      return formatCase(expression, print)
    case 'unary':
      if (expression.operator === 'not') return `(NOT ${print(expression.operand)})`
      if (expression.operator === '~') return `~${print(expression.operand)}`
      return `(${expression.operator} ${print(expression.operand)})`
    case 'binary':
      return formatBinary(expression, print)
    case 'and':
    case 'or':
      return balanced(expression.operands.map(print), expression.kind.toUpperCase())
    case 'lambda':
      return formatLambda(expression, context)
    case 'tuple':
      return formatTuple(expression, print)
    case 'parameter':
      return expression.name === undefined ? '?' : `:${expression.name}`
    case 'exists':
      return 'exists()'
    case 'scalarSubquery':
      return 'scalarsubquery()'
    default:
      return formatPredicate(expression, print)
  }
}

type Predicate = Extract<Expression, { readonly negated: boolean }>

function formatPredicate(expression: Predicate, print: (part: Expression) => string): string {
  const input = print(expression.input)
  const not = (text: string): string => (expression.negated ? `(NOT ${text})` : text)
  switch (expression.kind) {
    case 'between':
      return not(`between(${input}, ${print(expression.low)}, ${print(expression.high)})`)
    case 'inList':
      return not(`(${input} IN (${expression.items.map(print).join(', ')}))`)
    case 'inSubquery':
      return not(`(${input} IN (listquery()))`)
    case 'like':
      return not(formatLike(expression, input, print(expression.pattern)))
    case 'likeQuantified':
      return not(`${expression.operator}${expression.quantifier}(${input})`)
    case 'isNull':
      return `(${input} IS ${expression.negated ? 'NOT ' : ''}NULL)`
    case 'isUnknown':
      return `(${input} IS ${expression.negated ? 'NOT ' : ''}UNKNOWN)`
  }
}

function formatLike({ operator, escape }: Like, input: string, pattern: string): string {
  if (operator === 'rlike') return `RLIKE(${input}, ${pattern})`
  const escaped = escape === undefined || escape === '\\' ? '' : ` ESCAPE '${escape}'`
  if (operator === 'ilike') return `ilike(${input}, ${pattern}${escape === undefined ? '' : `, ${escape}`})`
  return `${input} LIKE ${pattern}${escaped}`
}

function formatColumn(parts: readonly string[], { variables, columnName }: Context): string {
  const [first = '', ...fields] = parts
  if (!variables.has(first.toLowerCase())) return columnName(parts)
  return ['namedlambdavariable()', ...fields].join('.')
}

function formatLambda({ parameters, body }: Lambda, context: Context): string {
  const variables = new Set([...context.variables, ...parameters.map((name) => name.toLowerCase())])
  const names = parameters.map(() => 'namedlambdavariable()')
  return `lambdafunction(${[format(body, { ...context, variables }), ...names].join(', ')})`
}

/** Fields are named after their columns, else by place: `named_struct(a, a, col2, 1)`. */
function formatTuple({ items }: Tuple, print: (part: Expression) => string): string {
  const fields = items.map((item, index) => {
    const name = item.kind === 'column' ? item.parts.at(-1) : undefined
    return `${name ?? `col${index + 1}`}, ${print(item)}`
  })
  return `named_struct(${fields.join(', ')})`
}

function formatCast({ input, type, try: isTry }: Cast, print: (part: Expression) => string): string {
  return `${isTry ? 'TRY_CAST' : 'CAST'}(${print(input)} AS ${formatType(type)})`
}

function formatCase({ operand, branches, otherwise }: Case, print: (part: Expression) => string): string {
  const compared = operand === undefined ? undefined : print(operand)
  const texts = branches.map(({ when, then }) => {
    const condition = compared === undefined ? print(when) : `(${compared} = ${print(when)})`
    return `WHEN ${condition} THEN ${print(then)}`
  })
  const last = otherwise === undefined ? '' : ` ELSE ${print(otherwise)}`
  return `CASE ${texts.join(' ')}${last} END`
}

/** Long chains are deep on the left: that side is walked in a loop, not by recursion. */
function formatBinary(expression: Binary, print: (part: Expression) => string): string {
  const chain: Binary[] = []
  let left: Expression = expression
  while (left.kind === 'binary') {
    chain.push(left)
    left = left.left
  }
  const open = chain.map(({ operator }) => (operator === '<>' ? '(NOT (' : '(')).join('')
  const rest = chain.reverse().map(({ operator, right }) => {
    if (operator === '<>') return ` = ${print(right)}))`
    return ` ${operator} ${print(right)})`
  })
  return open + print(left) + rest.join('')
}

/** Spark makes a balanced tree of a chain: `((a AND b) AND (c AND d))`. */
function balanced(texts: readonly string[], operator: string): string {
  const [only = ''] = texts
  if (texts.length < 2) return only
  const half = Math.floor((texts.length - 1) / 2) + 1
  return `(${balanced(texts.slice(0, half), operator)} ${operator} ${balanced(texts.slice(half), operator)})`
}
