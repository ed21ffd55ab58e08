import { readFileSync } from 'node:fs'
import type { ColumnStatistics } from '../../../engine/connect/index.ts'
import { type DataType, decimalType, types } from '../../../engine/types/index.ts'
import { type AnalyzerContext, analyzeQuery, builtInFunctions } from '../../../sql/analyzer/index.ts'
import { Catalog, type StoredObject, type TableStore } from '../../../sql/catalog/index.ts'
import { parseQuery } from '../../../sql/parser/index.ts'
import type { LogicalPlan, TableRef } from '../../../sql/plan/index.ts'

const letters: Readonly<Record<string, DataType>> = {
  i: types.int32,
  l: types.int64,
  m: decimalType(15, 2),
  s: types.string,
  D: types.date,
}

/** Columns by name and letter; `1-25` is the range of a key at scale factor 1. */
const TABLES: Readonly<Record<string, { rows: number; columns: string }>> = {
  region: { rows: 5, columns: 'r_regionkey:l:0-4 r_name:s r_comment:s' },
  nation: { rows: 25, columns: 'n_nationkey:l:0-24 n_name:s n_regionkey:l:0-4 n_comment:s' },
  supplier: {
    rows: 10_000,
    columns: 's_suppkey:l:1-10000 s_name:s s_address:s s_nationkey:l:0-24 s_phone:s s_acctbal:m s_comment:s',
  },
  customer: {
    rows: 150_000,
    columns:
      'c_custkey:l:1-150000 c_name:s c_address:s c_nationkey:l:0-24 c_phone:s c_acctbal:m c_mktsegment:s c_comment:s',
  },
  part: {
    rows: 200_000,
    columns:
      'p_partkey:l:1-200000 p_name:s p_mfgr:s p_brand:s p_type:s p_size:i:1-50 p_container:s p_retailprice:m p_comment:s',
  },
  partsupp: {
    rows: 800_000,
    columns: 'ps_partkey:l:1-200000 ps_suppkey:l:1-10000 ps_availqty:i:1-9999 ps_supplycost:m ps_comment:s',
  },
  orders: {
    rows: 1_500_000,
    columns:
      'o_orderkey:l:1-6000000 o_custkey:l:1-149999 o_orderstatus:s o_totalprice:m o_orderdate:D:8035-10440 o_orderpriority:s o_clerk:s o_shippriority:i:0-0 o_comment:s',
  },
  lineitem: {
    rows: 6_001_215,
    columns:
      'l_orderkey:l:1-6000000 l_partkey:l:1-200000 l_suppkey:l:1-10000 l_linenumber:i:1-7 l_quantity:m:100-5000 l_extendedprice:m l_discount:m:0-10 l_tax:m l_returnflag:s l_linestatus:s l_shipdate:D:8036-10561 l_commitdate:D:8035-10530 l_receiptdate:D:8037-10590 l_shipinstruct:s l_shipmode:s l_comment:s',
  },
}

function tableOf(name: string): TableRef {
  const { rows, columns } = TABLES[name]!
  const statistics: Record<string, ColumnStatistics> = {}
  const fields = columns.split(' ').map((text) => {
    const [column, letter, range] = text.split(':') as [string, string, string | undefined]
    const type = letters[letter]!
    if (range !== undefined) {
      const [min, max] = range.split('-') as [string, string]
      const value = (bound: string): bigint | number =>
        type.kind === 'int64' || type.kind === 'decimal' ? BigInt(bound) : Number(bound)
      statistics[column] = { min: value(min), max: value(max), nullCount: 0 }
    }
    return { name: column, type, nullable: true }
  })
  return {
    name,
    source: 'memory',
    options: { rows: String(rows) },
    schema: { fields },
    statistics: { rowCount: rows, sizeBytes: rows * 100, columns: statistics },
    partitionColumns: [],
  }
}

/**
 * A catalog of the TPC-H tables as their footers describe them at scale factor 1, and of more tables if
 * given.
 */
export function tpchContext(more: readonly TableRef[] = []): AnalyzerContext {
  const stored = new Map<string, StoredObject>()
  const tables = [...Object.keys(TABLES).map(tableOf), ...more]
  for (const table of tables)
    stored.set(table.name, { kind: 'table', table, location: `/data/${table.name}` })
  const store: TableStore = {
    load: async ([, name]) => stored.get(name),
    save: async () => {},
    drop: async () => {},
    list: async () => [...stored.keys()],
  }
  return {
    catalog: new Catalog(store),
    functions: builtInFunctions,
    timeZone: 'UTC',
    resolveSource: async () => tables[0]!,
  }
}

/** The analyzed plan of a text over these tables. */
export async function analyzed(text: string, more: readonly TableRef[] = []): Promise<LogicalPlan> {
  return await analyzeQuery(parseQuery(text), tpchContext(more))
}

/** The text of a TPC-H query, 1 to 22. */
export function tpchQuery(number: number): string {
  const name = `q${String(number).padStart(2, '0')}.sql`
  return readFileSync(`/work/shared/tpch/queries/${name}`, 'utf8').trim().replace(/;$/, '')
}
