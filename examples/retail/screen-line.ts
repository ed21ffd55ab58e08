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

/**
 * A line, screened: an anonymous user in place of the number; a reason and its text if it is set aside. Runs
 * on worker threads, once a line, so objects are written out: spreading them takes six times as long.
 */
export function screenLine(line: Line, secret: string) {
  const { InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID, Country } = line
  const user_id = CustomerID === null ? null : anonymise(CustomerID, secret)
  const reason = faultOfLine(line)
  const record = reason === null ? null : recordOf(line, user_id)
  return { InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, Country, user_id, reason, record }
}

/**
 * Why a line is set aside, or null: the reasons of definition 003_05 but for returns, which are sound. The
 * first one that applies counts.
 */
export function faultOfLine({ CustomerID, Description, UnitPrice }: Line): string | null {
  if (CustomerID === null) return 'missing_customer'
  if (Description === null) return 'missing_description'
  if (UnitPrice === null || UnitPrice < 0) return 'negative_price'
  return UnitPrice === 0 ? 'zero_price' : null
}

/** The line as JSON, for whoever looks into dead letters; the user stays anonymous. */
function recordOf(line: Line, user_id: string | null): string {
  const { InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, Country } = line
  return JSON.stringify({
    InvoiceNo,
    StockCode,
    Description,
    Quantity,
    InvoiceDate,
    UnitPrice,
    user_id,
    Country,
  })
}
