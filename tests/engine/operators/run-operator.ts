import {
  constantVector,
  dictionaryVector,
  type FlatVector,
  type RecordBatch,
  SpillReader,
  SpillWriter,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import type { AggregateCall, ColumnExpr, Expr, SortKey } from '../../../engine/expr/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import type { Operator, TaskContext } from '../../../engine/operators/operator.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import { type DataType, field, type Schema, type Value } from '../../../engine/types/index.ts'

export type Row = readonly Value[]

/** A small deterministic random generator: numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A pool that shows use after free. */
export function testPool(limitBytes = 256 << 20): MemoryPool {
  return MemoryPool.create({ limitBytes, poison: true })
}

/** A context for one task; asking for connectors fails. `counts` hears the counters of all nodes. */
export function taskContext(pool: MemoryPool, counts: Record<string, number> = {}): TaskContext {
  const settings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 1 }
  const unused = (): never => {
    throw new Error('not for tests')
  }
  return {
    pool,
    settings,
    partition: 0,
    attempt: 0,
    createRegion: () => pool.createRegion(),
    createSpill() {
      const count = (bytes: number): void => this.count(0, 'spillBytes', bytes)
      return new SpillWriter(pool.spill.createFile(1), pool.createRegion(), count)
    },
    openSpill: (tables, writer) => new SpillReader(pool, tables, () => pool.createRegion(), writer?.file),
    checkCancelled: () => {},
    count: (_, name, amount) => {
      counts[name] = (counts[name] ?? 0) + amount
    },
    evalContext: (region, rowOffset = 0) => ({ region, settings, partition: 0, rowOffset }),
    source: unused,
    sink: unused,
    fileSystem: unused,
    shuffleBlocks: unused,
    joinTable: unused,
    leaveTable: unused,
    leavePart: unused,
    runUserCode: unused,
  }
}

/**
 * One column in an encoding chosen by `random`: flat, dictionary, or constant where all rows are the same.
 */
export function makeColumn(
  type: DataType,
  values: readonly Value[],
  region: Region,
  random: () => number = () => 0,
): Vector {
  const first = values[0] ?? null
  if (random() > 0.9 && values.length > 0 && first === null && values.every((value) => value === first))
    return constantVector(type, first, values.length, region)
  if (random() > 0.5 && type.kind !== 'null') return dictionaryColumn(type, values, region)
  const builder = vectorBuilder(type, region, values.length)
  for (const value of values) builder.append(value)
  return builder.finish()
}

function dictionaryColumn(type: DataType, values: readonly Value[], region: Region): Vector {
  const entries = vectorBuilder(type, region)
  const codes = region.int32(values.length).fill(0)
  const validity = region.bitmap(values.length, true)
  const known = new Map<string, number>()
  for (const [row, value] of values.entries()) {
    if (value === null) {
      validity[row >> 3]! &= ~(1 << (row & 7))
      continue
    }
    const key = show(value)
    let code = known.get(key)
    if (code === undefined) {
      code = known.size
      known.set(key, code)
      entries.append(value)
    }
    codes[row] = code
  }
  if (known.size === 0) entries.append(null)
  return dictionaryVector(values.length, codes, entries.finish() as FlatVector, validity)
}

/**
 * Rows as batches of at most `batchRows`, each overwritten before the next comes, as the contract of
 * operators allows.
 */
export async function* inputOf(
  pool: MemoryPool,
  types: readonly DataType[],
  rows: readonly Row[],
  batchRows = 7,
  random?: () => number,
): AsyncIterable<RecordBatch> {
  const region = pool.createRegion()
  try {
    for (let from = 0; from < rows.length; from += batchRows) {
      region.reset()
      const part = rows.slice(from, from + batchRows)
      const columns = types.map((type, index) =>
        makeColumn(
          type,
          part.map((row) => row[index] ?? null),
          region,
          random,
        ),
      )
      yield { rowCount: part.length, columns }
    }
  } finally {
    region.free()
  }
}

/** All rows that an operator gives. */
export async function runOperator<Node extends PhysicalPlan>(
  operator: Operator<Node>,
  node: Node,
  inputs: readonly AsyncIterable<RecordBatch>[],
  context: TaskContext,
): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of operator.execute(node, inputs, context)) rows.push(...rowsOf(batch))
  return rows
}

/** The rows of a batch as values. */
export function rowsOf(batch: RecordBatch): Row[] {
  const readers = batch.columns.map(valueReader)
  return Array.from({ length: batch.rowCount }, (_, row) => readers.map((read) => read(row)))
}

export function schemaFor(types: readonly DataType[]): Schema {
  return { fields: types.map((type, index) => field(`c${index}`, type)) }
}

/** A node that only gives its columns: inputs of operators under test. */
export function leaf(types: readonly DataType[]): PhysicalPlan {
  return { kind: 'ValuesExec', id: 0, schema: schemaFor(types), rows: [] }
}

export function column(index: number, type: DataType): ColumnExpr {
  return { kind: 'column', index, name: `c${index}`, type }
}

export function key(expr: Expr, descending = false, nullsFirst = !descending): SortKey {
  return { expr, descending, nullsFirst }
}

export function aggregateCall(
  name: string,
  args: readonly Expr[],
  type: DataType,
  more: Partial<AggregateCall> = {},
): AggregateCall {
  return { name, args, type, distinct: false, filter: null, order: [], ...more }
}

/** A value as text that is equal for equal values: BigInts and NaN too. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  return value === null ? 'NULL' : JSON.stringify(value)
}

/** Rows as sorted text lines, for comparison without order. */
export function showRows(rows: readonly Row[]): string[] {
  return rows.map(show).sort()
}
