import { col, count, type DataFrame, type Decimal, desc, type Int, type Int64, sum } from './tables.ts'

interface Orders {
  readonly id: Int
  readonly customer: Int64 | null
  readonly item: string
  readonly price: Decimal
  readonly quantity: Int | null
}

interface Customers {
  readonly id: Int64
  readonly name: string
}

declare const orders: DataFrame<Orders>
declare const customers: DataFrame<Customers>

orders.select('id', 'itm') // error: select
orders.select((r) => ({ total: r.prize })) // error: select with a callback
orders.filter((r) => r.quantty.gt(1)) // error: filter
orders.withColumn('total', (r) => r.price.times(r.quantiy)) // error: withColumn
orders.withColumns((r) => ({ a: r.idd })) // error: withColumns
orders.groupBy('itme') // error: groupBy
orders.groupBy('item').agg((r) => ({ total: sum(r.prices) })) // error: agg
orders
  .groupBy('item')
  .agg((r) => ({ total: sum(r.price) }))
  .select('totl') // error: a column of agg
orders.join(customers, 'customer') // error: join by a name of one side
orders.join(customers, (l, r) => l.custmer.eq(r.id)) // error: join by a condition
orders.orderBy('pric') // error: orderBy
orders.orderBy((r) => r.pric.desc()) // error: orderBy with a callback
orders.drop('prices') // error: drop
orders.withColumnRenamed('prices', 'price') // error: withColumnRenamed
orders.dropDuplicates(['itm']) // error: dropDuplicates
orders.drop('price').filter((r) => r.price.gt(1)) // error: a column that was dropped
orders.select('id').withColumn('x', (r) => r.item) // error: a column that was not selected
orders.join(customers, 'id').filter((r) => r.nam.eq('a')) // error: a column after a join
orders.col('itm') // error: col
orders.fillna({ quantiy: 0 }) // error: fillna
orders.as<{ readonly total: Decimal }>().filter((r) => r.price.gt(1)) // error: as
orders.groupBy('item').agg({ n: count() }).orderBy(desc('n')).select('item', 'm') // error: select after agg
orders.describe('pric') // error: describe
orders.collect().then((rows) => rows[0]?.prices) // error: a value of a row
// These are of unknown tables: they compile.
orders.select(col('whatever'))
