import { describe, expect, test } from 'vitest'
import { parseQuery, type Query, type Select } from '../../../sql/parser/index.ts'
import { plain } from './plain.ts'

const column = (...parts: string[]) => ({ kind: 'column', parts })
const table = (name: string, alias?: string) => {
  const base = { kind: 'table', parts: [name], columns: [] }
  return alias === undefined ? base : { ...base, alias }
}
const [a, b, c, d] = [column('a'), column('b'), column('c'), column('d')]

function select(text: string): Select {
  const { body } = parseQuery(text)
  if (body.kind !== 'select') throw new Error(`${body.kind} is no select`)
  return body
}

describe('FROM', () => {
  const join = (joinType: string, more: object = {}) => ({
    kind: 'join',
    joinType,
    left: table('t'),
    right: table('u'),
    natural: false,
    using: [],
    ...more,
  })
  test.each<[string, unknown]>([
    ['t', table('t')],
    ['t x', table('t', 'x')],
    ['db.t AS x (a, b)', { kind: 'table', parts: ['db', 't'], alias: 'x', columns: ['a', 'b'] }],
    ['t JOIN u ON a = b', join('inner', { on: { kind: 'binary', operator: '=', left: a, right: b } })],
    ['t INNER JOIN u USING (a, b)', join('inner', { using: ['a', 'b'] })],
    ['t CROSS JOIN u', join('cross')],
    ['t LEFT JOIN u ON a', join('left', { on: a })],
    ['t RIGHT OUTER JOIN u ON a', join('right', { on: a })],
    ['t FULL OUTER JOIN u ON a', join('full', { on: a })],
    ['t LEFT SEMI JOIN u ON a', join('leftSemi', { on: a })],
    ['t SEMI JOIN u ON a', join('leftSemi', { on: a })],
    ['t ANTI JOIN u ON a', join('leftAnti', { on: a })],
    ['t NATURAL LEFT JOIN u', join('left', { natural: true })],
    ['parquet.`/a/b` x', { kind: 'fileTable', format: 'parquet', path: '/a/b', alias: 'x', columns: [] }],
    ['VALUES 1, 2 AS v', { kind: 'valuesTable', rows: [[{ value: 1 }], [{ value: 2 }]], alias: 'v' }],
    ['values v', table('values', 'v')],
    [
      '(VALUES (a, b) AS v (x, y))',
      { kind: 'derivedTable', query: { body: { kind: 'values', columns: ['x', 'y'] } } },
    ],
    ['csv.t', { kind: 'table', parts: ['csv', 't'], columns: [] }],
    ['range(3) r', { kind: 'tableFunction', name: 'range', lateral: false, alias: 'r', columns: [] }],
    [
      'LATERAL explode(a) e(x)',
      { kind: 'tableFunction', name: 'explode', args: [a], lateral: true, columns: ['x'] },
    ],
    [
      'VALUES (a, b), (c, d) AS v(x, y)',
      {
        kind: 'valuesTable',
        rows: [
          [a, b],
          [c, d],
        ],
        alias: 'v',
        columns: ['x', 'y'],
      },
    ],
    [
      '(VALUES (a)) v',
      { kind: 'derivedTable', query: { body: { kind: 'values', rows: [[a]] } }, alias: 'v' },
    ],
    ['(SELECT a) AS s (x)', { kind: 'derivedTable', lateral: false, alias: 's', columns: ['x'] }],
    ['((SELECT a) UNION (SELECT b)) s', { kind: 'derivedTable', query: { body: { kind: 'setOperation' } } }],
    ['(t JOIN u)', join('inner')],
    ['(t JOIN u) AS j', { kind: 'aliased', input: join('inner'), alias: 'j', columns: [] }],
    ['((SELECT a) x JOIN u)', { kind: 'join', left: { kind: 'derivedTable', alias: 'x' } }],
    [
      't TABLESAMPLE (10 PERCENT) x',
      { kind: 'sampled', input: table('t', 'x'), sample: { kind: 'percent', percent: 10 } },
    ],
    ['t TABLESAMPLE (5 ROWS) REPEATABLE (7)', { kind: 'sampled', sample: { kind: 'rows', seed: 7 } }],
    ['t TABLESAMPLE (BUCKET 1 OUT OF 4)', { kind: 'sampled', sample: { kind: 'bucket', bucket: 1, of: 4 } }],
  ])('%s', (text, node) => {
    expect(plain(select(`SELECT * FROM ${text}`).from)).toMatchObject([node as object])
  })

  test('joins go left to right, commas stay apart', () => {
    const { from } = select('SELECT * FROM t, u JOIN v ON a LEFT JOIN w ON b, LATERAL (SELECT a) x')
    expect(plain(from)).toMatchObject([
      table('t'),
      { kind: 'join', joinType: 'left', left: { kind: 'join', left: table('u'), right: table('v') }, on: b },
      { kind: 'derivedTable', lateral: true },
    ])
  })
})

describe('SELECT', () => {
  test('items and their aliases', () => {
    const { items } = select(
      'SELECT a, b AS x, c y, `d` `z z`, m AS (k, v), *, t.* EXCEPT (a, t.b), 1 AS from',
    )
    expect(items.map(({ aliases }) => aliases)).toEqual([
      [],
      ['x'],
      ['y'],
      ['z z'],
      ['k', 'v'],
      [],
      [],
      ['from'],
    ])
    expect(plain(items[5]?.expression)).toEqual({ kind: 'star', qualifier: [], except: [] })
    expect(plain(items[6]?.expression)).toEqual({
      kind: 'star',
      qualifier: ['t'],
      except: [['a'], ['t', 'b']],
    })
  })

  test('all clauses', () => {
    const query = parseQuery(`
      SELECT /*+ BROADCAST(t), COALESCE(3) */ DISTINCT a
      FROM t LATERAL VIEW OUTER explode(b) v AS x, y LATERAL VIEW inline(c) w
      WHERE a GROUP BY b HAVING c WINDOW w AS (PARTITION BY a), u AS (w ORDER BY b) QUALIFY d
      ORDER BY a DESC, b ASC NULLS LAST, c LIMIT 10 OFFSET 5`)
    expect(plain(query)).toMatchObject({
      body: {
        distinct: true,
        hints: [{ name: 'BROADCAST', args: [column('t')] }, { name: 'COALESCE' }],
        lateralViews: [
          { outer: true, name: 'explode', args: [b], alias: 'v', columns: ['x', 'y'] },
          { outer: false, name: 'inline', args: [c], alias: 'w', columns: [] },
        ],
        where: a,
        groupBy: { all: false, items: [{ kind: 'groupingSet', expressions: [b] }] },
        having: c,
        qualify: d,
        windows: [
          { name: 'w', window: { partitionBy: [a] } },
          { name: 'u', window: { base: 'w', orderBy: [{ expression: b }] } },
        ],
      },
      orderBy: [
        { expression: a, descending: true, nullsFirst: false },
        { expression: b, descending: false, nullsFirst: false },
        { expression: c, descending: false, nullsFirst: true },
      ],
      limit: { value: 10 },
      offset: { value: 5 },
    })
  })

  test.each([
    ['explode(a)', undefined, []],
    ['explode(a) v', 'v', []],
    ['explode(a) AS x, y', undefined, ['x', 'y']],
    ['explode(a) v AS x', 'v', ['x']],
    ['explode(a) v x, y', 'v', ['x', 'y']],
  ])('LATERAL VIEW %s', (text, alias, columns) => {
    const { lateralViews, where } = select(`SELECT a FROM t LATERAL VIEW ${text} WHERE b`)
    expect(lateralViews).toMatchObject([{ name: 'explode', columns }])
    expect(lateralViews[0]?.alias).toBe(alias)
    expect(where).toBeDefined()
  })

  test.each<[string, unknown]>([
    ['ALL', { all: true, items: [] }],
    [
      'a, (b, c)',
      {
        items: [
          { kind: 'groupingSet', expressions: [a] },
          { kind: 'groupingSet', expressions: [b, c] },
        ],
      },
    ],
    ['ROLLUP (a, (b, c))', { items: [{ kind: 'rollup', sets: [[a], [b, c]] }] }],
    ['a, CUBE (b)', { items: [{ kind: 'groupingSet' }, { kind: 'cube', sets: [[b]] }] }],
    ['a, b WITH ROLLUP', { items: [{ kind: 'rollup', sets: [[a], [b]] }] }],
    [
      'GROUPING SETS ((a, b), a, (), ROLLUP (c))',
      {
        items: [
          {
            kind: 'groupingSets',
            items: [{ expressions: [a, b] }, { expressions: [a] }, { expressions: [] }, { kind: 'rollup' }],
          },
        ],
      },
    ],
    ['a, b GROUPING SETS ((a), (b))', { items: [{ kind: 'groupingSets', items: [{}, {}] }] }],
  ])('GROUP BY %s', (text, node) => {
    expect(plain(select(`SELECT a FROM t GROUP BY ${text} ORDER BY 1`).groupBy)).toMatchObject(node as object)
  })

  test.each<[string, unknown]>([
    ['()', { partitionBy: [], orderBy: [] }],
    ['w', { base: 'w' }],
    [
      '(w ROWS 1 PRECEDING)',
      { base: 'w', frame: { unit: 'rows', start: { kind: 'preceding' }, end: { kind: 'currentRow' } } },
    ],
    [
      '(PARTITION BY a, b ORDER BY c DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING)',
      {
        partitionBy: [a, b],
        orderBy: [{ expression: c, descending: true }],
        frame: {
          unit: 'range',
          start: { kind: 'unboundedPreceding' },
          end: { kind: 'following', offset: { value: 2 } },
        },
      },
    ],
  ])('OVER %s', (text, window) => {
    const [item] = select(`SELECT sum(a) OVER ${text} FROM t`).items
    expect(plain(item?.expression)).toMatchObject({ kind: 'call', over: window as object })
  })
})

/** `((1 union 2) all 3)`, with the first column of each select. */
function shape(body: Query['body']): string {
  if (body.kind === 'query') return `[${shape(body.body)}]`
  if (body.kind !== 'setOperation') return body.kind === 'select' ? String(plainValue(body)) : body.kind
  return `(${shape(body.left)} ${body.operator}${body.all ? ' all' : ''} ${shape(body.right)})`
}

function plainValue({ items: [item] }: Select): unknown {
  return item?.expression.kind === 'literal' ? item.expression.value : undefined
}

describe('set operations and WITH', () => {
  test.each([
    ['SELECT 1 UNION SELECT 2 UNION ALL SELECT 3', '((1 union 2) union all 3)'],
    ['SELECT 1 UNION DISTINCT SELECT 2 INTERSECT SELECT 3', '(1 union (2 intersect 3))'],
    ['SELECT 1 EXCEPT SELECT 2 MINUS ALL SELECT 3', '((1 except 2) except all 3)'],
    ['SELECT 1 UNION (SELECT 2 UNION SELECT 3)', '(1 union (2 union 3))'],
    ['SELECT 1 UNION (SELECT 2 LIMIT 1)', '(1 union [2])'],
    ['(SELECT 1)', '1'],
    ['TABLE t UNION VALUES 1', '(tableQuery union values)'],
  ])('%s', (text, expected) => {
    expect(shape(parseQuery(text).body)).toBe(expected)
  })

  test('ORDER BY belongs to the whole', () => {
    expect(plain(parseQuery('SELECT 1 UNION SELECT 2 ORDER BY a LIMIT ALL'))).toMatchObject({
      body: { kind: 'setOperation' },
      orderBy: [{ expression: a }],
    })
    expect(parseQuery('SELECT a FROM t ORDER BY ALL DESC').orderByAll).toEqual({
      descending: true,
      nullsFirst: false,
    })
    expect(plain(parseQuery('SELECT a FROM t DISTRIBUTE BY a SORT BY b'))).toMatchObject({
      distributeBy: [a],
      sortBy: [{ expression: b }],
    })
  })

  test('common tables', () => {
    const query = parseQuery(
      'WITH x (a) AS (SELECT 1), y AS (WITH z AS (SELECT 2) SELECT * FROM z) SELECT * FROM x, y',
    )
    expect(plain(query.with)).toMatchObject([
      { name: 'x', columns: ['a'] },
      { name: 'y', columns: [], query: { with: [{ name: 'z' }] } },
    ])
  })
})
