import type { Expr } from '../../../engine/expr/index.ts'
import type { HashJoinExec, PhysicalPlan } from '../../../engine/plan/index.ts'
import { type DataType, decimalType, types, type Value } from '../../../engine/types/index.ts'
import { column, leaf, type Row, schemaFor, show } from './run-operator.ts'

const KEYS: readonly DataType[] = [types.int32, types.int64, types.date, types.int16, decimalType(12, 2)]

/** How far apart the keys are: which kind of table they get. */
const STEPS = [1, 1, 997, 1_000_003, 1_000_000_007]

function keyValue(type: DataType, step: number, among: number, random: () => number): Value {
  if (random() < 0.1) return null
  const value = Math.floor(random() * among) - 3
  if (type.kind === 'int64' || type.kind === 'decimal') return BigInt(value) * BigInt(step)
  return value * (type.kind === 'int16' ? 1 : Math.min(step, 1_000_003))
}

interface Table {
  readonly node: PhysicalPlan
  readonly types: readonly DataType[]
  readonly rows: readonly Row[]
}

/** A stream with columns for the keys of all joins, and joins on top of it, with filters between. */
export class RandomPlan {
  readonly streamTypes: DataType[] = []
  readonly tables: Table[] = []
  readonly values: ((random: () => number) => Value)[] = []
  plan: PhysicalPlan
  #id = 100

  constructor(random: () => number) {
    const joins = 1 + Math.floor(random() * 3)
    const keys = Array.from({ length: joins }, () =>
      Array.from({ length: random() < 0.3 ? 2 : 1 }, () => {
        const type = KEYS[Math.floor(random() * KEYS.length)]!
        return {
          type,
          step: STEPS[Math.floor(random() * STEPS.length)]!,
          at: this.streamTypes.push(type) - 1,
        }
      }),
    )
    this.streamTypes.push(types.int32, decimalType(15, 2))
    for (const { type, step } of keys.flat()) this.values.push((next) => keyValue(type, step, 40, next))
    this.values.push((next) => Math.floor(next() * 100))
    // A rare great one among small ones: code for small values ends there.
    this.values.push((next) =>
      next() < 0.1 ? null : BigInt(Math.floor(next() * (next() < 0.01 ? 9e14 : 1e4))),
    )
    const number = this.streamTypes.length - 2
    this.plan = { ...leaf(this.streamTypes) }
    if (random() < 0.5) this.plan = this.#filter(this.plan, number, 80)
    // Where the columns of the stream are in what the joins below give.
    let shift = 0
    for (const own of keys) {
      const width = this.plan.schema.fields.length
      const buildLeft = random() < 0.5
      const table = this.#table(own, random)
      this.tables.push(table)
      const join = this.#join(own, shift, table, buildLeft, random)
      if (join.joinType === 'inner' && buildLeft) shift += table.types.length
      this.plan = join
      if (random() < 0.3) this.plan = this.#filter(this.plan, shift + number, 60)
      if (random() < 0.2 && join.joinType === 'inner') {
        const from = buildLeft ? 0 : width
        this.plan = this.#filter(this.plan, from + table.types.length - 1, 70)
      }
    }
    if (random() < 0.5) this.plan = this.#project(this.plan, shift + number)
  }

  #filter(input: PhysicalPlan, index: number, limit: number): PhysicalPlan {
    const limits: Expr = { kind: 'literal', value: limit, type: types.int32 }
    const predicate: Expr = {
      kind: 'call',
      name: '<',
      args: [column(index, types.int32), limits],
      type: types.boolean,
    }
    return { kind: 'FilterExec', id: this.#id++, schema: input.schema, input, predicate }
  }

  #project(input: PhysicalPlan, number: number): PhysicalPlan {
    const fields = input.schema.fields.map(({ type }, index): Expr => column(index, type))
    const sum: Expr = {
      kind: 'call',
      name: '+',
      args: [column(number, types.int32), column(number, types.int32)],
      type: types.int32,
    }
    const exprs = [sum, ...fields]
    const schema = schemaFor(exprs.map(({ type }) => type))
    return { kind: 'ProjectExec', id: this.#id++, schema, input, exprs }
  }

  /** Keys, a text and a number; keys come once in most tables. */
  #table(keys: readonly { readonly type: DataType; readonly step: number }[], random: () => number): Table {
    const rowTypes = [...keys.map(({ type }) => type), types.string, types.int32]
    const known = new Set<string>()
    const isUnique = random() < 0.8
    const rows: Row[] = []
    for (let row = 0; row < (random() < 0.1 ? 0 : 60); row++) {
      const own = keys.map(({ type, step }) => keyValue(type, step, 40, random))
      if (isUnique && known.has(show(own))) continue
      known.add(show(own))
      rows.push([...own, random() < 0.2 ? null : `t${row % 7}`, Math.floor(random() * 100)])
    }
    const node: PhysicalPlan = {
      kind: 'TableReadExec',
      id: this.#id++,
      schema: schemaFor(rowTypes),
      stageId: this.tables.length,
    }
    return { node, types: rowTypes, rows }
  }

  #join(
    keys: readonly { readonly type: DataType; readonly at: number }[],
    shift: number,
    table: Table,
    buildLeft: boolean,
    random: () => number,
  ): HashJoinExec {
    const ofStream = keys.map(({ type, at }) => column(shift + at, type))
    const ofTable = keys.map(({ type }, index) => column(index, type))
    const joinType = buildLeft || random() < 0.6 ? 'inner' : random() < 0.5 ? 'semi' : 'anti'
    const streamed = this.plan.schema.fields.map(({ type }) => type)
    const pairs = buildLeft ? [...table.types, ...streamed] : [...streamed, ...table.types]
    const lastOfTable = (buildLeft ? 0 : streamed.length) + table.types.length - 1
    const limit: Expr = { kind: 'literal', value: 50, type: types.int32 }
    const isLess = call('<', column(lastOfTable, types.int32), limit)
    const text: Expr = { kind: 'literal', value: 't3', type: types.string }
    const isText = call(random() < 0.5 ? '=' : '<=>', column(lastOfTable - 1, types.string), text)
    const either: Expr = { kind: 'or', operands: [isLess, isText], type: types.boolean }
    const hasCondition = joinType !== 'anti' && random() < 0.3
    return {
      kind: 'HashJoinExec',
      id: this.#id++,
      schema: schemaFor(joinType === 'inner' ? pairs : streamed),
      left: buildLeft ? table.node : this.plan,
      right: buildLeft ? this.plan : table.node,
      joinType,
      build: buildLeft ? 'left' : 'right',
      leftKeys: buildLeft ? ofTable : ofStream,
      rightKeys: buildLeft ? ofStream : ofTable,
      nullSafe: keys.map(() => false),
      condition: hasCondition ? (random() < 0.5 ? isLess : either) : null,
    }
  }
}

function call(name: string, ...args: readonly Expr[]): Expr {
  return { kind: 'call', name, args, type: types.boolean }
}
