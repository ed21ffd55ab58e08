import {
  avg,
  coalesce,
  col,
  count,
  createDataFrame,
  type DataFrame,
  type Decimal,
  type DynamicRow,
  type Int,
  type Int64,
  lit,
  max,
  type PlanExecutor,
  type RowObject,
  rowNumber,
  schema,
  sum,
  Window,
  when,
} from './tables.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function holds<_T extends true>(): void
type RowsOf<F, M extends 'number' | 'bigint' = 'number'> =
  F extends DataFrame<infer R> ? { [K in keyof RowObject<R, M>]: RowObject<R, M>[K] } : never

interface Orders {
  readonly id: Int
  readonly customer: Int64 | null
  readonly item: string
  readonly price: Decimal
  readonly quantity: Int | null
  readonly tags: readonly Int64[]
}

declare const orders: DataFrame<Orders>
declare const customers: DataFrame<{ readonly id: Int64; readonly name: string }>
declare const executor: PlanExecutor

const totals = orders
  .filter((r) => r.quantity.gt(1).and(r.item.startsWith('t')))
  .withColumn('total', (r) => r.price.times(r.quantity))
  .groupBy('item')
  .agg((r) => ({ total: sum(r.total), n: count(), most: max(r.quantity), mean: avg(r.price) }))
holds<
  Same<
    RowsOf<typeof totals>,
    {
      readonly item: string
      readonly total: Decimal | null
      readonly n: number
      readonly most: number | null
      readonly mean: Decimal | null
    }
  >
>()
holds<Same<RowsOf<typeof totals, 'bigint'>['n'], bigint>>()

const selected = orders.select('id', col('item').as('what'), (r) => ({
  twice: r.price.times(2),
  tags: r.tags,
}))
holds<
  Same<
    RowsOf<typeof selected>,
    { readonly id: number; readonly what: unknown; readonly twice: Decimal; readonly tags: number[] }
  >
>()
holds<Same<RowsOf<typeof selected, 'bigint'>['tags'], bigint[]>>()

const joined = orders
  .withColumnRenamed('id', 'orderId')
  .join(customers, (l, r) => l.customer.eq(r.id), 'left')
holds<Same<RowsOf<typeof joined>['name'], string | null>>()
holds<Same<RowsOf<typeof joined>['orderId'], number>>()
const byName = orders.select('id', 'item').join(customers, 'id')
holds<Same<RowsOf<typeof byName>, { readonly id: number; readonly item: string; readonly name: string }>>()
const anti = orders.select('item').join(customers.select('name'), (l, r) => l.item.eq(r.name), 'anti')
holds<Same<RowsOf<typeof anti>, { readonly item: string }>>()

const window = Window.partitionBy('item').orderBy('id')
const spread = orders.select((r) => ({ ...r, item: lit(1), n: rowNumber().over(window) }))
holds<Same<RowsOf<typeof spread>['item'], number>>()
holds<Same<RowsOf<typeof spread>['n'], number>>()

const sizes = orders.select((r) => ({
  size: when(r.id.gt(1), 'big').otherwise('small'),
  q: coalesce(r.quantity, r.id),
}))
holds<Same<RowsOf<typeof sizes>, { readonly size: string; readonly q: number }>>()

const declared = schema({
  id: 'int not null',
  price: 'decimal(12,3)',
  at: 'timestamp',
  tags: 'array<string>',
})
const typed = createDataFrame(executor, [], declared)
holds<Same<RowsOf<typeof typed>['id'], number>>()
holds<Same<RowsOf<typeof typed>['price'], Decimal | null>>()
holds<Same<RowsOf<typeof typed>['tags'], (string | null)[] | null>>()

const made = createDataFrame(executor, [{ id: 1, big: 1n, name: 'a' as string | null }])
holds<
  Same<
    RowsOf<typeof made, 'bigint'>,
    { readonly id: number; readonly big: bigint; readonly name: string | null }
  >
>()

const filled = orders.fillna({ quantity: 0 }).dropna({ columns: ['customer'] })
holds<Same<RowsOf<typeof filled>['quantity'], number>>()
holds<Same<RowsOf<typeof filled>['customer'], number>>()

declare const unknown: DataFrame
const dynamic = unknown
  .withColumn('cost', col('quantity').times(col('price')))
  .groupBy('item', col('kind'))
  .agg({ cost: sum('cost') }, count().as('n'))
  .orderBy('cost')
  .filter((r) => r.cost.gt(5).and(r.item.like('a')))
holds<
  Same<
    RowsOf<typeof dynamic>,
    { readonly cost: unknown; readonly item: unknown; readonly kind: unknown; readonly n: number }
  >
>()
holds<Same<ReturnType<typeof unknown.orderBy>, DataFrame<DynamicRow>>>()
unknown
  .union(unknown)
  .filter((r) => r['x']!.gt(5).and(r['y']!.like('a')))
  .select('any')

export async function rows(): Promise<void> {
  for await (const row of totals) console.log(row.item.toUpperCase(), row.total?.plus(1))
  for await (const row of totals.rows({ int64: 'bigint' })) console.log(row.n + 1n)
  const [first] = await dynamic.collect()
  console.log(`${first?.['cost']}`)
}
