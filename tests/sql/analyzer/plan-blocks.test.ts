import { expect, test } from 'vitest'
import { types } from '../../../engine/types/index.ts'
import {
  aggregatePlan,
  aliasPlan,
  distinctPlan,
  dropDuplicatesPlan,
  dropPlan,
  filterPlan,
  joinPlan,
  limitPlan,
  plainPlan,
  type Resolved,
  renamePlan,
  repartitionPlan,
  samplePlan,
  selectPlan,
  setPlan,
  sortPlan,
  tablePlan,
  unionPlan,
  withColumnPlan,
} from '../../../sql/analyzer/index.ts'
import { type Expression, parseExpression, type SelectItem } from '../../../sql/parser/index.ts'
import { outputOf } from '../../../sql/plan/index.ts'
import { faultsOf } from './check-plan.ts'
import { fields, table, testContext } from './fake-catalog.ts'

const context = testContext()
const e = (text: string): Expression => parseExpression(text)
const item = (text: string, ...aliases: string[]): SelectItem => ({
  kind: 'selectItem',
  expression: e(text),
  aliases,
})
const t = (): Resolved => tablePlan(table('t', fields('a:i! b:i s:s')))
const u = (): Resolved => tablePlan(table('u', fields('a:i c:m s:s')))

/** The names of the output, after a look at the plan. */
function names(resolved: Resolved): string {
  const plan = plainPlan(resolved)
  expect(faultsOf(plan)).toEqual([])
  return outputOf(plan)
    .map(({ name }) => name)
    .join(' ')
}

const same = t()
const cases: readonly [what: string, make: () => Resolved, columns: string][] = [
  ['select', () => selectPlan(t(), [item('a'), item('b + 1', 'c'), item('c * 2')], context), 'a c (c * 2)'],
  ['select of aggregates', () => selectPlan(t(), [item('sum(b)', 'n')], context), 'n'],
  ['filter', () => filterPlan(t(), e('t.a > 1 AND s IS NULL'), context), 'a b s'],
  [
    'group',
    () => aggregatePlan(t(), [e('s'), item('a % 2', 'odd')], [item('sum(b)')], context),
    's odd sum(b)',
  ],
  [
    'group by a constant',
    () => aggregatePlan(t(), [item('7', 'k')], [item('count(1)')], context),
    'k count(1)',
  ],
  ['rollup', () => aggregatePlan(t(), [e('s'), e('a')], [item('sum(b)', 'n')], context, 'rollup'), 's a n'],
  ['join on', () => joinPlan(t(), u(), 'left', { on: e('t.a = u.a') }, context), 'a b s a c s'],
  ['join using', () => joinPlan(t(), u(), 'full', { using: ['a'] }, context), 'a b s c s'],
  ['semi join', () => joinPlan(t(), u(), 'leftSemi', { using: ['a'] }, context), 'a b s'],
  [
    'self join',
    () => joinPlan(aliasPlan(same, 'x'), aliasPlan(same, 'y'), 'inner', { on: e('x.a = y.b') }, context),
    'a b s a b s',
  ],
  ['cross join', () => joinPlan(same, same, 'cross', {}, context), 'a b s a b s'],
  ['sort by what is dropped', () => sortPlan(t(), [sortItem('b + 1')], context), 'a b s'],
  ['limit', () => limitPlan(t(), 3, 1), 'a b s'],
  ['sample', () => samplePlan(t(), 0.5, 1), 'a b s'],
  ['repartition', () => repartitionPlan(t(), 4, [e('a')], context), 'a b s'],
  ['union with itself', () => unionPlan([same, same]), 'a b s'],
  ['except', () => setPlan(same, same, 'except', true), 'a b s'],
  [
    'union by name',
    () => unionPlan([t(), selectPlan(t(), [item('s'), item('b'), item('a')], context)], { byName: true }),
    'a b s',
  ],
  ['union with gaps', () => unionPlan([t(), u()], { byName: true, allowMissing: true }), 'a b s c'],
  ['drop', () => dropPlan(t(), ['B', 'zz']), 'a s'],
  ['rename', () => filterPlan(renamePlan(t(), { A: 'id' }), e('id > 1'), context), 'id b s'],
  ['withColumn adds', () => withColumnPlan(t(), [{ name: 'd', expression: e('a * 2') }], context), 'a b s d'],
  [
    'withColumn replaces',
    () => withColumnPlan(t(), [{ name: 'B', expression: e('a * 2') }], context),
    'a B s',
  ],
  ['distinct', () => distinctPlan(dropPlan(t(), ['s'])), 'a b'],
  ['dropDuplicates', () => dropDuplicatesPlan(t(), ['s'], context), 'a b s'],
]

function sortItem(text: string) {
  return { kind: 'sortItem', expression: e(text), descending: true, nullsFirst: false } as const
}

test.each(cases)('%s', (_, make, columns) => {
  expect(names(make())).toBe(columns)
})

test('withColumnPlan() can be chained and keeps positions', () => {
  let resolved = t()
  for (let step = 0; step < 30; step++)
    resolved = withColumnPlan(resolved, [{ name: 'b', expression: e('b + 1') }], context)
  expect(names(resolved)).toBe('a b s')
})

test('a qualifier is gone after aliasPlan()', () => {
  expect(() => filterPlan(aliasPlan(t(), 'x'), e('t.a > 1'), context)).toThrow('column "t.a" does not exist')
})

test('user functions are called by their id, with cast arguments', () => {
  const own = testContext()
  const definition = { name: 'Twice', functionId: 'f1', args: [types.float64], returns: types.float64 }
  own.catalog.setFunction(definition)
  const plan = plainPlan(selectPlan(t(), [item('twice(a)', 'x')], own))
  expect(plan).toMatchObject({
    exprs: [
      { expr: { kind: 'user', functionId: 'f1', args: [{ kind: 'cast', type: { kind: 'float64' } }] } },
    ],
  })
})
