import {
  avg,
  count,
  type DataFrame,
  type Decimal,
  type Int,
  type LocalDate,
  lit,
  schema,
  sum,
  upper,
  year,
} from './tables.ts'

interface Orders {
  readonly id: Int
  readonly item: string
  readonly note: string | null
  readonly price: Decimal
  readonly paid: boolean | null
  readonly day: LocalDate
  readonly tags: readonly string[]
}

declare const orders: DataFrame<Orders>

orders.select((r) => ({ x: r.item.times(2) })) // error: arithmetic on a string
orders.filter((r) => r.price.like('1%')) // error: a string method on a number
orders.filter((r) => r.price) // error: a condition that is a number
orders.filter((r) => r.item.eq(5)) // error: a string compared with a number
orders.filter((r) => r.price.gt('much')) // error: a number compared with a string
orders.filter((r) => r.price.gt(r.item)) // error: a number compared with a string column
orders.filter((r) => r.paid.and(r.item)) // error: AND of a string
orders.filter((r) => r.day.startsWith('2011')) // error: a string method on a date
orders.withColumn('x', (r) => r.price.plus(r.item)) // error: plus with a string column
orders.withColumn('x', (r) => r.price.plus('1')) // error: plus with a string
orders.withColumn('x', 5) // error: a value in place of a column
orders.select((r) => ({ x: upper(r.price) })) // error: a string function of a number
orders.select((r) => ({ x: year(r.price) })) // error: a date function of a number
orders.groupBy('item').agg((r) => ({ x: sum(r.item) })) // error: the sum of strings
orders.groupBy('item').agg((r) => ({ x: avg(r.paid) })) // error: the mean of booleans
orders.select((r) => ({ x: r.tags.plus(1) })) // error: arithmetic on an array
orders.filter((r) => r.id.isIn('a', 'b')) // error: a number among strings
orders.filter((r) => r.id.between('a', 'b')) // error: a number between strings
orders.select((r) => ({ x: r.id.cast('itn') })) // error: a type that does not exist
schema({ id: 'integr' }) // error: a type that does not exist in a schema
orders.join(orders, 'id', 'lft') // error: a join that does not exist
orders.limit('5') // error: limit
orders.union(orders.select('id')) // error: union with other columns
orders.collect({ int64: 'big' }) // error: int64
const total: string = await orders
  .groupBy('item')
  .agg((r) => ({ x: sum(r.price) }))
  .first() // error: a row as a string
orders.groupBy('item').agg((r) => ({ n: count(), s: sum(r.price.eq(r.id)) })) // error: the sum of conditions
export const used = [lit(total)]
