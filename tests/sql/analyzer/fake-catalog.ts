import { EngineError } from '../../../engine/errors.ts'
import { type DataType, decimalType, type Field, types } from '../../../engine/types/index.ts'
import { type AnalyzerContext, analyzeQuery, builtInFunctions } from '../../../sql/analyzer/index.ts'
import { Catalog, type StoredObject, type TableStore } from '../../../sql/catalog/index.ts'
import { parseQuery } from '../../../sql/parser/index.ts'
import { type LogicalPlan, printPlan, type TableRef } from '../../../sql/plan/index.ts'

const letters: Readonly<Record<string, DataType>> = {
  i: types.int32,
  l: types.int64,
  d: types.float64,
  m: decimalType(15, 2),
  s: types.string,
  D: types.date,
  T: types.timestamp,
  b: types.boolean,
}

/** `a:i b:s!` as fields; `!` is NOT NULL. */
export function fields(text: string): Field[] {
  return text.split(' ').map((part) => {
    const [name, code] = part.split(':') as [string, string]
    return { name, type: letters[code[0]!]!, nullable: !code.endsWith('!') }
  })
}

export function table(name: string, columns: readonly Field[]): TableRef {
  return {
    name,
    source: 'memory',
    options: {},
    schema: { fields: columns },
    statistics: {},
    partitionColumns: [],
  }
}

const TPCH: Readonly<Record<string, string>> = {
  region: 'r_regionkey:l r_name:s r_comment:s',
  nation: 'n_nationkey:l n_name:s n_regionkey:l n_comment:s',
  supplier: 's_suppkey:l s_name:s s_address:s s_nationkey:l s_phone:s s_acctbal:m s_comment:s',
  customer: 'c_custkey:l c_name:s c_address:s c_nationkey:l c_phone:s c_acctbal:m c_mktsegment:s c_comment:s',
  part: 'p_partkey:l p_name:s p_mfgr:s p_brand:s p_type:s p_size:i p_container:s p_retailprice:m p_comment:s',
  partsupp: 'ps_partkey:l ps_suppkey:l ps_availqty:i ps_supplycost:m ps_comment:s',
  orders:
    'o_orderkey:l o_custkey:l o_orderstatus:s o_totalprice:m o_orderdate:D o_orderpriority:s o_clerk:s ' +
    'o_shippriority:i o_comment:s',
  lineitem:
    'l_orderkey:l l_partkey:l l_suppkey:l l_linenumber:i l_quantity:m l_extendedprice:m l_discount:m ' +
    'l_tax:m l_returnflag:s l_linestatus:s l_shipdate:D l_commitdate:D l_receiptdate:D l_shipinstruct:s ' +
    'l_shipmode:s l_comment:s',
}

/** A catalog with the TPC-H tables and a few of other shapes, and a store in memory. */
export function testContext(extra: Readonly<Record<string, readonly Field[]>> = {}): AnalyzerContext {
  const stored = new Map<string, StoredObject>()
  const store: TableStore = {
    load: async ([schema, name]) => stored.get(`${schema}.${name}`),
    save: async ([schema, name], object) => {
      stored.set(`${schema}.${name}`, object)
    },
    drop: async ([schema, name]) => {
      stored.delete(`${schema}.${name}`)
    },
    list: async (schema) =>
      [...stored.keys()].filter((key) => key.startsWith(`${schema}.`)).map((key) => key.split('.')[1]!),
  }
  const catalog = new Catalog(store)
  const put = (name: string, columns: readonly Field[]): void => {
    stored.set(`default.${name}`, { kind: 'table', table: table(name, columns), location: `/data/${name}` })
  }
  for (const [name, text] of Object.entries(TPCH)) put(name, fields(text))
  put('t', fields('a:i! b:i s:s'))
  put('u', fields('a:i c:m s:s'))
  put('nested', [
    { name: 'id', type: types.int32, nullable: false },
    { name: 'tags', type: { kind: 'list', element: types.string }, nullable: true },
    {
      name: 'p',
      type: {
        kind: 'struct',
        fields: [
          { name: 'x', type: types.int32, nullable: true },
          { name: 'y', type: types.string, nullable: true },
        ],
      },
      nullable: true,
    },
    { name: 'm', type: { kind: 'map', key: types.string, value: types.int32 }, nullable: true },
  ])
  for (const [name, columns] of Object.entries(extra)) put(name, columns)
  return {
    catalog,
    functions: builtInFunctions,
    timeZone: 'UTC',
    resolveSource: async (source, options) => {
      if (options['path'] === 'missing') throw new EngineError('FILE_NOT_FOUND', 'no such file')
      return { ...table(`${source}.${options['path']}`, fields('x:l y:s')), source, options }
    },
  }
}

export async function planOf(text: string, context: AnalyzerContext = testContext()): Promise<LogicalPlan> {
  return await analyzeQuery(parseQuery(text), context)
}

export async function explain(text: string, context?: AnalyzerContext): Promise<string> {
  return printPlan(await planOf(text, context))
}
