import type { LocalTimestamp } from 'millrace'
import { anonymise } from './anonymise.ts'

/** A transaction line as an RDD has it. */
export interface Line {
  readonly InvoiceNo: string | null
  readonly StockCode: string | null
  readonly Description: string | null
  readonly Quantity: number | null
  readonly InvoiceDate: LocalTimestamp | null
  readonly UnitPrice: number | null
  readonly CustomerID: number | null
  readonly Country: string | null
}

/** A line, screened: an anonymous user in place of the number; a reason and its text if it is set aside. Runs on worker threads. */
export function screenLine({ CustomerID, ...line }: Line, secret: string) {
  const reason = faultOfLine({ CustomerID, ...line })
  const user_id = CustomerID === null ? null : anonymise(CustomerID, secret)
  const record = reason === null ? null : JSON.stringify({ ...line, user_id })
  return { ...line, user_id, reason, record }
}

/**
 * Why a line is set aside, or null: the reasons of definition 003_05 but for returns, which are sound. The first one that
 * applies counts.
 */
export function faultOfLine({ CustomerID, Description, UnitPrice }: Line): string | null {
  if (CustomerID === null) return 'missing_customer'
  if (Description === null) return 'missing_description'
  if (UnitPrice === null || UnitPrice < 0) return 'negative_price'
  return UnitPrice === 0 ? 'zero_price' : null
}
