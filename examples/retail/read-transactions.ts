import { type DataFrame, type Session, schema, type TableSchema } from 'millrace'
import type { Inputs } from './inputs.ts'

/** The columns of a transaction line. */
export const transactionSchema = schema({
  InvoiceNo: 'string',
  StockCode: 'string',
  Description: 'string',
  Quantity: 'int',
  InvoiceDate: 'timestamp_ntz',
  UnitPrice: 'double',
  CustomerID: 'int',
  Country: 'string',
})

/** What the compiler knows of a line. */
export type Transaction = RowOf<typeof transactionSchema>

/** The row type of a schema. */
export type RowOf<S> = S extends TableSchema<infer R> ? (R extends object ? R : never) : never

/** In text files a customer may be written `17850` or `17850.0`. */
const textSchema = schema({
  InvoiceNo: 'string',
  StockCode: 'string',
  Description: 'string',
  Quantity: 'int',
  InvoiceDate: 'timestamp_ntz',
  UnitPrice: 'double',
  CustomerID: 'decimal(12,1)',
  Country: 'string',
})

/**
 * The lines of the input, typed, in its order. A line of a text file that does not fit goes to a JSON line in
 * `deadLetters` (file, line, byte offset, reason and text) when the lines are read.
 */
export function readTransactions(
  session: Session,
  { path, format, encoding, dateFormat }: Inputs['transactions'],
  deadLetters: string,
): DataFrame<Transaction> {
  if (format === 'parquet') return session.read.parquet(path).as(transactionSchema)
  const text = {
    deadLetterPath: deadLetters,
    ...(dateFormat === null ? {} : { timestampNTZFormat: dateFormat }),
  }
  const lines =
    format === 'csv'
      ? session.read.csv(path, { schema: textSchema, header: true, encoding, ...text })
      : session.read.json(path, { schema: textSchema, ...text })
  return lines.as(transactionSchema)
}
