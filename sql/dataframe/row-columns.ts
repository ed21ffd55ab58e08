import type { SelectItem, SortItem } from '../parser/index.ts'
import type { FrameColumn, FrameToken } from './bind-frames.ts'
import { ColumnNode, columnOrName, nodeOf, SortNode, selectItemOf, sortItemOf } from './column.ts'
import type { Columns } from './column-types.ts'

/** The key under which `{ ...row }` carries all columns of a row. */
const ALL = '*'

/**
 * The columns of a row by name, as callbacks get them. Any name gives a column, because the table is not
 * looked at yet.
 * Spread into an object (`{ ...row, total }`) it stands for all columns.
 */
export function rowColumns<R>(frame?: FrameToken): Columns<R> {
  const columnOf = (name: string): ColumnNode => {
    if (name === ALL) return new ColumnNode({ kind: 'star', qualifier: [], except: [] })
    const ref = { kind: 'column', parts: [name] } as const
    const tagged: FrameColumn | typeof ref = frame === undefined ? ref : { ...ref, frame }
    return new ColumnNode(tagged)
  }
  const handler: ProxyHandler<object> = {
    get: (_target, name) => (typeof name === 'string' ? columnOf(name) : undefined),
    has: () => true,
    ownKeys: () => [ALL],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: columnOf(ALL) }),
  }
  return new Proxy({}, handler) as Columns<R>
}

/** What `select`, `groupBy` and `agg` were given, as items of SELECT. */
export interface Picked {
  readonly items: readonly SelectItem[]
  /** With all columns: items replace columns of their name. */
  readonly withAll: boolean
}

/** Names, columns, objects of columns and callbacks that give such objects, as items in order. */
export function pick(args: readonly unknown[], frame?: FrameToken): Picked {
  const items: SelectItem[] = []
  let withAll = false
  for (const arg of args.flat()) {
    const given =
      typeof arg === 'function' ? (arg as (row: Columns<object>) => unknown)(rowColumns(frame)) : arg
    if (typeof given === 'string' || given instanceof ColumnNode)
      items.push(selectItemOf(columnOrName(given)))
    else
      for (const [name, column] of Object.entries(given as object)) {
        if (name === ALL) withAll = true
        else items.push(selectItemOf(nodeOf(column).as(name)))
      }
  }
  return { items, withAll }
}

/** A column, or what a callback makes of the row. */
export function columnFrom(given: unknown): ColumnNode {
  return nodeOf(
    typeof given === 'function' ? (given as (row: Columns<object>) => unknown)(rowColumns()) : given,
  )
}

/** Names, columns, directions and callbacks as items of ORDER BY. */
export function sortItems(keys: readonly unknown[]): readonly SortItem[] {
  return keys.flat().flatMap((key) => {
    const given = typeof key === 'function' ? (key as (row: Columns<object>) => unknown)(rowColumns()) : key
    const list: readonly unknown[] = Array.isArray(given) ? given : [given]
    return list.map((item) => (item instanceof SortNode ? item.item : sortItemOf(item)))
  })
}
