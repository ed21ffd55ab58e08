import { type DataFrame, type Session, schema } from 'millrace'
import type { Transaction } from './read-transactions.ts'
import { acceptedLine, faultOfLine, rejectedLine } from './screen-line.ts'

/** A sound line; the user is anonymous. */
const acceptedSchema = schema({
  InvoiceNo: 'string',
  StockCode: 'string',
  Quantity: 'int',
  InvoiceDate: 'timestamp_ntz',
  UnitPrice: 'double',
  Country: 'string',
  user_id: 'string',
})

/** A line that is set aside. */
const rejectedSchema = schema({ reason: 'string', record: 'string' })

/** The lines after screening. */
export type ScreenedTransactions = ReturnType<typeof screenTransactions>

/**
 * Looks at every line as an RDD, on the worker threads. `accepted` are the sound ones, with an anonymous id
 * in place of the customer's number; `rejected` those that are corrupt or incomplete, with the reason. Both
 * are computed when they are written, and pass through without being kept.
 */
export function screenTransactions(session: Session, transactions: DataFrame<Transaction>, secret: string) {
  const lines = session.rdd(transactions)
  const accepted = lines
    .filter((line) => faultOfLine(line) === null)
    .map((line, { secret }) => acceptedLine(line, secret), { with: { secret } })
  const rejected = lines
    .filter((line) => faultOfLine(line) !== null)
    .map((line, { secret }) => rejectedLine(line, secret), { with: { secret } })
  return { accepted: accepted.toDF(acceptedSchema), rejected: rejected.toDF(rejectedSchema) }
}
