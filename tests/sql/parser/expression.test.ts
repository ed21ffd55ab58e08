import { describe, expect, test } from 'vitest'
import { formatExpression, parseExpression, parseType } from '../../../sql/parser/index.ts'
import { plain } from './plain.ts'

const column = (...parts: string[]) => ({ kind: 'column', parts })
const int = (value: number) => ({ kind: 'literal', type: { kind: 'type', name: 'int', args: [] }, value })
const [a, b, c] = [column('a'), column('b'), column('c')]

describe('precedence', () => {
  test.each([
    ['a or b and not c', '(a OR (b AND (NOT c)))'],
    ['not a = b', '(NOT (a = b))'],
    ['! a and b', '((NOT a) AND b)'],
    ['a = b or c < d', '((a = b) OR (c < d))'],
    ['a | b ^ c & d << e + f * -g', '(a | (b ^ (c & (d << (e + (f * (- g)))))))'],
    ['a * b / c % d div e', '((((a * b) / c) % d) div e)'],
    ['a - b - c', '((a - b) - c)'],
    ['a - (b - c)', '(a - (b - c))'],
    ['a < b = c', '((a < b) = c)'],
    ['a >> 1 >>> 2 << 3', '(((a >> 1) >>> 2) << 3)'],
    ['a > b', '(a > b)'],
    ['a !< b and a !> b', '((a >= b) AND (a <= b))'],
    ['a == b and a <> c and a != d', '(((a = b) AND (NOT (a = c))) AND (NOT (a = d)))'],
    ['a <=> b', '(a <=> b)'],
    ['a between 1 and 2 and b', '(between(a, 1, 2) AND b)'],
    ['a + 1 between b and c + 1', 'between((a + 1), b, (c + 1))'],
    ['a not between 1 and 2', '(NOT between(a, 1, 2))'],
    ['a = b is null', '((a = b) IS NULL)'],
    ['not a is null', '(NOT (a IS NULL))'],
    ['a in (1, 2) or b not in (3)', '((a IN (1, 2)) OR (NOT (b IN (3))))'],
    ['a || b || c', 'concat(concat(a, b), c)'],
    ['a || (b || c)', 'concat(a, concat(b, c))'],
    ['- a', '(- a)'],
    ['- - 1', '(- -1)'],
    ['~a + +b', '(~a + (+ b))'],
    ['5 -1', '(5 - 1)'],
    ['-a::int', '(- CAST(a AS INT))'],
    ['-1::int', 'CAST(-1 AS INT)'],
    ['a.b[1].c', 'b[1].c'],
  ])('%s', (text, expected) => {
    expect(formatExpression(parseExpression(text))).toBe(expected)
  })

  test('chains of AND and OR are flat', () => {
    expect(plain(parseExpression('a and b and c'))).toEqual({ kind: 'and', operands: [a, b, c] })
    expect(plain(parseExpression('a or b or c'))).toEqual({ kind: 'or', operands: [a, b, c] })
    expect(plain(parseExpression('a or (b or c)'))).toEqual({
      kind: 'or',
      operands: [a, { kind: 'or', operands: [b, c] }],
    })
  })
})

const nodes: [text: string, node: unknown][] = [
  ['t.a', column('t', 'a')],
  ['`a b`.`c``d`', column('a b', 'c`d')],
  ['Tab.Col', column('Tab', 'Col')],
  ['t.1st', column('t', '1st')],
  ['t.2', column('t', '2')],
  ['order', column('order')],
  ['naïve_列', column('naïve_列')],
  ['t.select', column('t', 'select')],
  ['(a)', a],
  ['(a, b)', { kind: 'tuple', items: [a, b] }],
  ['(a).b', { kind: 'field', input: a, name: 'b' }],
  ['a[b]', { kind: 'index', input: a, index: b }],
  ['f()', { kind: 'call', name: 'f', args: [] }],
  ['db.f(a, 1)', { kind: 'call', name: 'db.f', args: [a, int(1)] }],
  ['count(*)', { kind: 'call', name: 'count', args: [{ kind: 'star', qualifier: [], except: [] }] }],
  ['count(t.*)', { kind: 'call', name: 'count', args: [{ kind: 'star', qualifier: ['t'], except: [] }] }],
  ['sum(DISTINCT a)', { kind: 'call', name: 'sum', args: [a], distinct: true }],
  ['sum(ALL a)', { kind: 'call', name: 'sum', args: [a] }],
  ['left(a, 1)', { kind: 'call', name: 'left', args: [a, int(1)] }],
  ['if(a, b, c)', { kind: 'call', name: 'if', args: [a, b, c] }],
  ['first(a IGNORE NULLS)', { kind: 'call', name: 'first', args: [a], nulls: 'ignore' }],
  ['f(x => a)', { kind: 'call', name: 'f', args: [{ kind: 'namedArgument', name: 'x', value: a }] }],
  ['f(x -> a)', { kind: 'call', name: 'f', args: [{ kind: 'lambda', parameters: ['x'], body: a }] }],
  [
    'f((x, y) -> a)',
    { kind: 'call', name: 'f', args: [{ kind: 'lambda', parameters: ['x', 'y'], body: a }] },
  ],
  ['current_date', { kind: 'call', name: 'current_date', args: [] }],
  ['current_timestamp()', { kind: 'call', name: 'current_timestamp', args: [] }],
  [
    'dateadd(month, 1, a)',
    {
      kind: 'call',
      name: 'timestampadd',
      args: [
        { kind: 'literal', type: { kind: 'type', name: 'string', args: [] }, value: 'MONTH' },
        int(1),
        a,
      ],
    },
  ],
  ['datediff(a, b)', { kind: 'call', name: 'datediff', args: [a, b] }],
  ['trim(a)', { kind: 'call', name: 'trim', args: [a] }],
  ['trim(a FROM b)', { kind: 'call', name: 'btrim', args: [b, a], form: 'trim' }],
  ['trim(LEADING a FROM b)', { kind: 'call', name: 'ltrim', args: [b, a], form: 'trim' }],
  ['trim(TRAILING FROM b)', { kind: 'call', name: 'rtrim', args: [b] }],
  ['trim(both)', { kind: 'call', name: 'trim', args: [column('both')] }],
  ['substring(a FROM 1 FOR 2)', { kind: 'call', name: 'substring', args: [a, int(1), int(2)] }],
  ['substr(a, 1)', { kind: 'call', name: 'substr', args: [a, int(1)] }],
  ['position(a IN b)', { kind: 'call', name: 'locate', args: [a, b, int(1)] }],
  ['position(a, b)', { kind: 'call', name: 'position', args: [a, b] }],
  ['overlay(a PLACING b FROM 1)', { kind: 'call', name: 'overlay', args: [a, b, int(1)] }],
  [':id', { kind: 'parameter', name: 'id' }],
  ['? ', { kind: 'parameter', index: 0 }],
  ['a is unknown', { kind: 'isUnknown', input: a, negated: false }],
  ['a is not null', { kind: 'isNull', input: a, negated: true }],
  ['a is not distinct from b', { kind: 'binary', operator: '<=>', left: a, right: b }],
  [
    'a like any (b, c)',
    {
      kind: 'likeQuantified',
      operator: 'like',
      quantifier: 'any',
      input: a,
      patterns: [b, c],
      negated: false,
    },
  ],
  [
    'a not ilike all (b)',
    {
      kind: 'likeQuantified',
      operator: 'ilike',
      quantifier: 'all',
      input: a,
      patterns: [b],
      negated: true,
    },
  ],
  [
    "a like b escape '!'",
    { kind: 'like', operator: 'like', input: a, pattern: b, escape: '!', negated: false },
  ],
  ['a regexp b', { kind: 'like', operator: 'rlike', input: a, pattern: b, negated: false }],
  [
    'exists(a, x -> x)',
    {
      kind: 'call',
      name: 'exists',
      args: [a, { kind: 'lambda', parameters: ['x'], body: column('x') }],
    },
  ],
  ['case when a then b end', { kind: 'case', branches: [{ when: a, then: b }] }],
  [
    'case a when 1 then b else c end',
    {
      kind: 'case',
      operand: a,
      branches: [{ when: int(1), then: b }],
      otherwise: c,
    },
  ],
  [
    'try_cast(a AS int)',
    { kind: 'cast', input: a, type: { kind: 'type', name: 'int', args: [] }, try: true },
  ],
]

describe('nodes', () => {
  test.each(nodes)('%s', (text, node) => {
    expect(plain(parseExpression(text))).toEqual(node)
  })

  test.each([
    ['(select 1)', 'scalarSubquery'],
    ['((select 1))', 'scalarSubquery'],
    ['((select 1) union (select 2))', 'scalarSubquery'],
    ['((select 1) + 1)', 'binary'],
    ['exists (select 1)', 'exists'],
    ['exists ((select 1) union all select 2) and true', 'and'],
    ['a in (select 1)', 'inSubquery'],
    ['a in ((select 1))', 'inSubquery'],
    ['a in ((select 1), 2)', 'inList'],
    ['(a, b) not in (select 1, 2)', 'inSubquery'],
    ['a in (with x as (select 1) select * from x)', 'inSubquery'],
    ['a in (values (1), (2))', 'inSubquery'],
  ])('%s is of kind %s', (text, kind) => {
    expect(parseExpression(text).kind).toBe(kind)
  })

  test('question marks are counted', () => {
    expect(plain(parseExpression('? + ?'))).toMatchObject({ left: { index: 0 }, right: { index: 1 } })
  })

  test('every node knows its place', () => {
    const expression = parseExpression('a +\n  f(b)')
    expect(expression).toMatchObject({
      position: { line: 1, column: 1, offset: 0 },
      right: { position: { line: 2, column: 3, offset: 6 }, args: [{ position: { line: 2, column: 5 } }] },
    })
  })
})

describe('types', () => {
  test.each([
    ['boolean', 'boolean'],
    ['byte', 'tinyint'],
    ['short', 'smallint'],
    ['Integer', 'int'],
    ['LONG', 'bigint'],
    ['real', 'float'],
    ['varchar(10)', 'string'],
    ['char(3)', 'string'],
    ['timestamp_ltz', 'timestamp'],
    ['timestamp_ntz', 'timestamp_ntz'],
    ['interval year', 'interval year'],
    ['void', 'void'],
    ['interval year to month', 'interval year to month'],
    ['interval day to second', 'interval day to second'],
  ])('%s is %s', (text, name) => {
    expect(plain(parseType(text))).toEqual({ kind: 'type', name, args: [] })
  })

  test.each([
    ['decimal', [10, 0]],
    ['dec(5)', [5, 0]],
    ['numeric(38, 10)', [38, 10]],
  ])('%s has the arguments %s', (text, args) => {
    expect(plain(parseType(text))).toEqual({ kind: 'type', name: 'decimal', args })
  })

  test('nested types close with >>', () => {
    const text = 'map<string, array<struct<a: int, b array<date> NOT NULL COMMENT "x", c: struct<>>>>'
    expect(plain(parseType(text))).toMatchObject({
      name: 'map',
      key: { name: 'string' },
      value: {
        name: 'array',
        element: {
          name: 'struct',
          fields: [
            { name: 'a', nullable: true, type: { name: 'int' } },
            { name: 'b', nullable: false, comment: 'x', type: { name: 'array', element: { name: 'date' } } },
            { name: 'c', type: { name: 'struct', fields: [] } },
          ],
        },
      },
    })
  })

  test.each([
    ['array<int', 'syntax error at end of input'],
    ['interval year to day', 'syntax error at or near "day"'],
    ['int x', 'syntax error at or near "x"'],
  ])('%s fails', (text, message) => {
    expect(() => parseType(text)).toThrow(expect.objectContaining({ code: 'PARSE_SYNTAX_ERROR', message }))
  })

  test.each([
    ['strng', 'UNSUPPORTED_DATATYPE', 'unknown type "strng"', 'Did you mean string?'],
    ['decimal(39)', 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION', 'decimal(39, 0) is not a type'],
    ['decimal(2, 3)', 'DECIMAL_SCALE_EXCEEDS_PRECISION', 'decimal(2, 3) is not a type'],
  ])('%s fails with %s', (text, code, message, hint?: string) => {
    const expected = hint === undefined ? { code, message } : { code, message, hint }
    expect(() => parseType(text)).toThrow(expect.objectContaining(expected))
  })
})
