import { EngineError } from '../../engine/errors.ts'
import { partitionCountOf } from '../../engine/plan/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { resolvedOf } from '../../sql/analyzer/index.ts'
import { DataFrame, inferSchema, LazyPlan } from '../../sql/dataframe/index.ts'
import { newColumn } from '../../sql/plan/index.ts'
import { stepNode } from './rdd-base.ts'
import type { RddNode } from './rdd-node.ts'
import type { RddRunner } from './rdd-runner.ts'
import type { RowsOfRdd } from './rows-of-rdd.ts'

/** Values that are looked at where no schema is given. */
const INFER_VALUES = 100

/** The values of an RDD as a table: objects by name, arrays by position, anything else as the only column. */
export function toDataFrame<R extends object>(
  node: RddNode,
  runner: RddRunner,
  given: Schema | undefined,
): DataFrame<R> {
  const { executor } = runner.core
  if (executor === undefined) throw new EngineError('UNSUPPORTED_FEATURE', 'toDF outside of a session')
  const make = async () => {
    const schema = given ?? (await inferred(node, runner))
    const plan = await runner.rowPlan(node, schema)
    const columns = schema.fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
    const program: RowsOfRdd = { kind: 'rowsOfRdd', plan }
    return resolvedOf({
      kind: 'UserCode',
      input: null,
      program,
      partitionCount: partitionCountOf(plan),
      columns,
    })
  }
  return new DataFrame<R>(new LazyPlan(executor, make))
}

/** Types of the first values; every column may be NULL, since later values are not known. */
async function inferred(node: RddNode, runner: RddRunner): Promise<Schema> {
  const first: unknown[] = []
  for await (const values of runner.chunks(stepNode(node, { kind: 'take', count: INFER_VALUES }), {})) {
    first.push(...values)
    if (first.length >= INFER_VALUES) break
  }
  if (first.length === 0)
    throw new EngineError('INVALID_ARGUMENT', 'the columns of an empty RDD are not known', {
      hint: "Give a schema: toDF(schema({ id: 'int' })).",
    })
  const { fields } = inferSchema(first.map(asObject))
  return { fields: fields.map((field) => ({ ...field, nullable: true })) }
}

function asObject(value: unknown): object {
  if (Array.isArray(value)) return Object.fromEntries(value.map((member, index) => [`_${index + 1}`, member]))
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? value : { value }
}
