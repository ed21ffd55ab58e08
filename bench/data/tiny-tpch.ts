import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from '../../driver/session.ts'
import { schema } from '../../sql/dataframe/index.ts'
import { seededRandom } from './text-data.ts'
import { NATIONS, REGIONS, WORDS } from './tpch-words.ts'

type Cell = string | number
type Random = () => number

const SUPPLIERS = 100
const PARTS = 2000
const CUSTOMERS = 1500
const ORDERS = 6000

const COLUMNS: Readonly<Record<string, string>> = {
  region: 'r_regionkey bigint, r_name string, r_comment string',
  nation: 'n_nationkey bigint, n_name string, n_regionkey bigint, n_comment string',
  supplier: `s_suppkey bigint, s_name string, s_address string, s_nationkey bigint, s_phone string,
    s_acctbal decimal(15;2), s_comment string`,
  part: `p_partkey bigint, p_name string, p_mfgr string, p_brand string, p_type string, p_size int,
    p_container string, p_retailprice decimal(15;2), p_comment string`,
  partsupp: `ps_partkey bigint, ps_suppkey bigint, ps_availqty int, ps_supplycost decimal(15;2),
    ps_comment string`,
  customer: `c_custkey bigint, c_name string, c_address string, c_nationkey bigint, c_phone string,
    c_acctbal decimal(15;2), c_mktsegment string, c_comment string`,
  orders: `o_orderkey bigint, o_custkey bigint, o_orderstatus string, o_totalprice decimal(15;2),
    o_orderdate date, o_orderpriority string, o_clerk string, o_shippriority int, o_comment string`,
  lineitem: `l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int,
    l_quantity decimal(15;2), l_extendedprice decimal(15;2), l_discount decimal(15;2), l_tax decimal(15;2),
    l_returnflag string, l_linestatus string, l_shipdate date, l_commitdate date, l_receiptdate date,
    l_shipinstruct string, l_shipmode string, l_comment string`,
}

/**
 * Small tables with TPC-H's columns and words, made without a generator from elsewhere: for a smoke run, not
 * for figures. The same files every time; one folder of Parquet a table.
 */
export async function makeTinyTpch(folder: string): Promise<void> {
  const random = seededRandom(22)
  const { orders, lineitem } = ordersWithLines(random)
  const tables: Readonly<Record<string, Cell[][]>> = {
    region: REGIONS.map((name, key) => [key, name, comment(random)]),
    nation: NATIONS.map(([name, region], key) => [key, name, region, comment(random)]),
    supplier: count(SUPPLIERS, (key) => supplierRow(key, random)),
    part: count(PARTS, (key) => partRow(key, random)),
    partsupp: count(PARTS, (key) => key).flatMap((part) => partSuppliers(part, random)),
    customer: count(CUSTOMERS, (key) => customerRow(key, random)),
    orders,
    lineitem,
  }
  const session = new Session({ master: 'local', timeZone: 'UTC' })
  try {
    for (const [table, rows] of Object.entries(tables)) await writeTable(session, folder, table, rows)
  } finally {
    await session.stop()
  }
}

async function writeTable(session: Session, folder: string, table: string, rows: Cell[][]): Promise<void> {
  const columns = COLUMNS[table]!.split(',').map((column) => column.trim().replace(';', ',').split(' '))
  const types = Object.fromEntries(columns.map(([name, type]) => [name!, `${type!} not null`]))
  const csv = join(folder, `${table}.csv`)
  writeFileSync(csv, rows.map((row) => `${row.join('|')}\n`).join(''))
  const frame = session.read.csv(csv, { sep: '|', header: false, schema: schema(types as never) })
  await frame.write.mode('overwrite').parquet(join(folder, `${table}.parquet`))
}

function supplierRow(key: number, random: Random): Cell[] {
  const nation = Math.floor(random() * NATIONS.length)
  const text = key % 20 === 0 ? 'slow Customer quick Complaints' : comment(random)
  return [key, named('Supplier', key), address(random), nation, phone(nation, random), money(random), text]
}

/** Some parts are of the brands and types that the queries look for, which chance would seldom make. */
function partRow(key: number, random: Random): Cell[] {
  const [maker, brand] = [1 + Math.floor(random() * 5), 1 + Math.floor(random() * 5)]
  return [
    key,
    count(5, () => pick(WORDS.colors, random)).join(' '),
    `Manufacturer#${maker}`,
    key % 20 === 0 ? 'Brand#12' : `Brand#${maker}${brand}`,
    key % 20 === 10
      ? 'ECONOMY ANODIZED STEEL'
      : `${pick(WORDS.finishes, random)} ${pick(WORDS.coatings, random)} ${pick(WORDS.metals, random)}`,
    key % 20 === 0 ? 3 : 1 + Math.floor(random() * 50),
    key % 20 === 0 ? 'SM BOX' : `${pick(WORDS.sizes, random)} ${pick(WORDS.boxes, random)}`,
    retailPrice(key).toFixed(2),
    comment(random),
  ]
}

function partSuppliers(part: number, random: Random): Cell[][] {
  return count(4, (index) => {
    const quantity = 1 + Math.floor(random() * 9999)
    return [part, supplierOf(part, index), quantity, (1 + random() * 999).toFixed(2), comment(random)]
  })
}

function customerRow(key: number, random: Random): Cell[] {
  const nation = Math.floor(random() * NATIONS.length)
  const segment = pick(WORDS.segments, random)
  return [
    key,
    named('Customer', key),
    address(random),
    nation,
    phone(nation, random),
    money(random),
    segment,
    comment(random),
  ]
}

/** A third of the customers has no orders. */
function ordersWithLines(random: Random): { readonly orders: Cell[][]; readonly lineitem: Cell[][] } {
  const orders: Cell[][] = []
  const lineitem: Cell[][] = []
  for (let key = 1; key <= ORDERS; key++) {
    const customer = 1 + 3 * Math.floor(random() * (CUSTOMERS / 3)) + Math.floor(random() * 2)
    const day = dayOf(1992, 1, 1) + Math.floor(random() * 2400)
    // A few orders are large enough for the query of large volume customers.
    const isLarge = key % 500 === 0
    const lines = count(isLarge ? 7 : 1 + Math.floor(random() * 7), (line) =>
      lineRow(key, line, day, isLarge, random),
    )
    const open = lines.filter((line) => line[9] === 'O').length
    const status = open === 0 ? 'F' : open === lines.length ? 'O' : 'P'
    const price = lines.reduce((sum, line) => sum + Number(line[5]), 0)
    const text = key % 25 === 0 ? 'the special pending requests' : comment(random)
    const clerk = `Clerk#${String(1 + (key % 10)).padStart(9, '0')}`
    lineitem.push(...lines)
    orders.push([
      key,
      customer,
      status,
      price.toFixed(2),
      date(day),
      pick(WORDS.priorities, random),
      clerk,
      0,
      text,
    ])
  }
  return { orders, lineitem }
}

function lineRow(order: number, line: number, ordered: number, isLarge: boolean, random: Random): Cell[] {
  const part = 1 + Math.floor(random() * PARTS)
  const quantity = isLarge ? 50 : 1 + Math.floor(random() * 50)
  const shipped = ordered + 1 + Math.floor(random() * 121)
  const committed = ordered + 30 + Math.floor(random() * 61)
  const received = shipped + 1 + Math.floor(random() * 30)
  const today = dayOf(1995, 6, 17)
  return [
    order,
    part,
    supplierOf(part, Math.floor(random() * 4)),
    line,
    quantity.toFixed(2),
    (quantity * retailPrice(part)).toFixed(2),
    (Math.floor(random() * 11) / 100).toFixed(2),
    (Math.floor(random() * 9) / 100).toFixed(2),
    received > today ? 'N' : random() < 0.5 ? 'R' : 'A',
    shipped > today ? 'O' : 'F',
    date(shipped),
    date(committed),
    date(received),
    pick(WORDS.instructions, random),
    pick(WORDS.modes, random),
    comment(random),
  ]
}

/** The four suppliers of a part, as the specification spreads them. */
function supplierOf(part: number, index: number): number {
  return ((part + index * (SUPPLIERS / 4 + Math.floor((part - 1) / SUPPLIERS))) % SUPPLIERS) + 1
}

function retailPrice(part: number): number {
  return (90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000)) / 100
}

/** One row for each number from 1. */
function count<T>(most: number, make: (number: number) => T): T[] {
  return Array.from({ length: most }, (_, index) => make(index + 1))
}

function pick(words: readonly string[], random: Random): string {
  return words[Math.floor(random() * words.length)]!
}

function comment(random: Random): string {
  return count(3 + Math.floor(random() * 5), () => pick(WORDS.comment, random)).join(' ')
}

function address(random: Random): string {
  return count(3, () => Math.floor(random() * 1e6).toString(36)).join(' ')
}

function named(kind: string, key: number): string {
  return `${kind}#${String(key).padStart(9, '0')}`
}

function phone(nation: number, random: Random): string {
  return [
    10 + nation,
    ...count(2, () => 100 + Math.floor(random() * 900)),
    1000 + Math.floor(random() * 9000),
  ].join('-')
}

function money(random: Random): string {
  return (random() * 10_999 - 999.99).toFixed(2)
}

function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 86_400_000
}

function date(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}
