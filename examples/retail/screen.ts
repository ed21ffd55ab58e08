import { type DataFrame, type Session, schema } from 'millrace'
import type { Transaction } from './read-transactions.ts'
import { screenLine } from './screen-line.ts'

/** A line after screening: the user is anonymous, and `reason` says why a line is set aside. */
const screenedSchema = schema({
  InvoiceNo: 'string',
  StockCode: 'string',
  Quantity: 'int',
  InvoiceDate: 'timestamp_ntz',
  UnitPrice: 'double',
  Country: 'string',
  user_id: 'string',
  reason: 'string',
  record: 'string',
})

/**
 * Looks at every line as an RDD, on the worker threads: what is corrupt or incomplete gets a reason and its
 * text, and the user of every line an anonymous id in place of the number.
 */
export function screenTransactions(session: Session, lines: DataFrame<Transaction>, secret: string) {
  return session
    .rdd(lines)
    .map((line, { secret }) => screenLine(line, secret), { with: { secret } })
    .toDF(screenedSchema)
    .cache()
}

export type ScreenedTransactions = ReturnType<typeof screenTransactions>
