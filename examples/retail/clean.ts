import {
  count,
  countDistinct,
  type DataFrame,
  desc,
  lit,
  min,
  nullif,
  rowNumber,
  type Session,
  schema,
  sum,
  trim,
  upper,
  Window,
} from 'millrace'
import type { ScreenedActivity } from './activity.ts'
import type { RowOf } from './read-transactions.ts'
import type { ScreenedTransactions } from './screen.ts'

const articleSchema = schema({ StockCode: 'string', Description: 'string', n_lines: 'bigint' })

/**
 * The inventory: one row a product, its code trimmed and in upper case, with its most frequent trimmed
 * description (of equals the smaller one).
 */
export function standardiseItems(session: Session) {
  const items = session
    .table('articles')
    .as(articleSchema)
    .select('n_lines', (item) => ({
      sku: upper(trim(item.StockCode)),
      title: nullif(trim(item.Description), lit('')),
    }))
  const products = items
    .groupBy('sku')
    .agg((item) => ({ n_lines: sum(item.n_lines), n_titles: countDistinct(item.title) }))
  const first = Window.partitionBy('sku').orderBy(desc('n'), 'title')
  const titles = items
    .filter((item) => item.title.isNotNull())
    .groupBy('sku', 'title')
    .agg((item) => ({ n: sum(item.n_lines) }))
    .withColumn('position', rowNumber().over(first))
    .filter((item) => item.position.eq(1))
    .select('sku', 'title')
  return products.join(titles, 'sku', 'left').select('sku', 'title', 'n_lines', 'n_titles')
}

/**
 * The accepted lines with the standard code and title of their product, exact money, and what the line cost.
 * Exact duplicates stay: nothing in the data tells a line entered twice from a product scanned twice.
 */
export function cleanLines({ accepted }: ScreenedTransactions, inventory: Inventory) {
  const lines = accepted
    .select((line) => ({
      invoice_no: line.InvoiceNo,
      sku: upper(trim(line.StockCode)),
      quantity: line.Quantity,
      timestamp: line.InvoiceDate,
      unit_price: line.UnitPrice.cast('decimal(12,3)'),
      user_id: line.user_id,
      country: line.Country,
    }))
    .withColumn('total_cost', (line) => line.unit_price.times(line.quantity).cast('decimal(18,3)'))
  return lines.join(inventory.select('sku', 'title'), 'sku', 'left')
}

/** The columns of the table `clean_lines`. */
export const cleanSchema = schema({
  invoice_no: 'string',
  country: 'string',
  user_id: 'string',
  timestamp: 'timestamp_ntz',
  quantity: 'int',
  total_cost: 'decimal(18,3)',
})

/** One row for each order or return of a user: its total cost and total items. */
export function sumOrders(lines: DataFrame<RowOf<typeof cleanSchema>>) {
  return lines.groupBy('invoice_no', 'country', 'user_id').agg((line) => ({
    timestamp: min(line.timestamp),
    n_lines: count('*'),
    total_items: sum(line.quantity),
    total_cost: sum(line.total_cost),
  }))
}

/** Purchases of the clickstream with the order that each led to. */
export function joinActivity(activity: ScreenedActivity, orders: Orders) {
  const purchases = activity.events
    .filter((event) => event.event_type.eq('purchase'))
    .select('session_id', 'country', 'device', 'campaign', (event) => ({
      invoice_no: event.invoice_no.cast('string'),
      purchased_at: event.ts,
    }))
  return purchases.join(orders, ['invoice_no', 'country'])
}

export type Inventory = ReturnType<typeof standardiseItems>
export type Orders = ReturnType<typeof sumOrders>
