import type { Invoice, Line } from './invoices.ts'
import type { Random } from './random.ts'

/** What is in a transactions file. All but `lines` and `corrupt` leave the corrupt lines out. */
export interface TransactionCounts {
  /** Data lines of the file, so without its header. */
  lines: number
  /** Lines that are not eight fields of the right form; `corruptByKind` has them by what is wrong. */
  corrupt: number
  corruptByKind: Record<string, number>
  missingCustomer: number
  missingDescription: number
  cancelled: number
  adjustments: number
  negativePrice: number
  negativeQuantity: number
  negativeNotCancelled: number
  zeroPrice: number
  exactDuplicates: number
  untrimmedDescription: number
  lowerCaseCode: number
}

export const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n'
const CORRUPT_SHARE = 0.0002

/** The fields of a line as text, before they are joined. */
type Fields = [
  invoice: string,
  code: string,
  description: string,
  quantity: string,
  date: string,
  price: string,
  customer: string,
  country: string,
]

/** Ways to spoil a line, used in turn. Each keeps to one physical line, so the damage stays where it is. */
const FAULTS: readonly (readonly [kind: string, spoil: (fields: Fields) => string])[] = [
  ['too_few_columns', (fields) => fields.slice(0, 4).join(',')],
  ['too_many_columns', (fields) => `${fields.join(',')},,x`],
  ['bad_quantity', (fields) => fields.with(3, 'six').join(',')],
  ['bad_date', (fields) => fields.with(4, '31/02/2011 25:61').join(',')],
  ['bad_price', (fields) => fields.with(5, 'n/a').join(',')],
]

export function noTransactions(): TransactionCounts {
  return {
    lines: 0,
    corrupt: 0,
    corruptByKind: Object.fromEntries(FAULTS.map(([kind]) => [kind, 0])),
    missingCustomer: 0,
    missingDescription: 0,
    cancelled: 0,
    adjustments: 0,
    negativePrice: 0,
    negativeQuantity: 0,
    negativeNotCancelled: 0,
    zeroPrice: 0,
    exactDuplicates: 0,
    untrimmedDescription: 0,
    lowerCaseCode: 0,
  }
}

/** The CSV text of an invoice, a line feed after each line. Adds what it holds to `counts`. */
export function invoiceText(invoice: Invoice, random: Random, counts: TransactionCounts): string {
  const { lines, dateText, nextDateText } = invoice
  const seen = new Set<string>()
  const half = lines.length >> 1
  let text = ''
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]! // The index is below the length.
    const fields = fieldsOf(invoice, line, index < half ? dateText : nextDateText)
    counts.lines++
    if (random.chance(CORRUPT_SHARE)) {
      const [kind, spoil] = FAULTS[counts.corrupt++ % FAULTS.length]! // The remainder is below the length.
      counts.corruptByKind[kind] = (counts.corruptByKind[kind] ?? 0) + 1
      text += `${spoil(fields)}\n`
      continue
    }
    countLine(invoice, line, counts)
    const joined = fields.join(',')
    if (seen.has(joined)) counts.exactDuplicates++
    else if (lines.length > 1) seen.add(joined)
    text += `${joined}\n`
  }
  return text
}

function fieldsOf(invoice: Invoice, { code, description, quantity, price }: Line, date: string): Fields {
  const customer = invoice.customer === null ? '' : String(invoice.customer)
  const title = /[",]/.test(description) ? `"${description.replaceAll('"', '""')}"` : description
  return [
    invoice.number,
    code,
    title,
    String(quantity),
    date,
    String(price / 1000),
    customer,
    invoice.country,
  ]
}

function countLine(
  invoice: Invoice,
  { code, description, quantity, price }: Line,
  counts: TransactionCounts,
): void {
  if (invoice.customer === null) counts.missingCustomer++
  if (description === '') counts.missingDescription++
  if (invoice.kind === 'cancellation') counts.cancelled++
  else if (quantity < 0) counts.negativeNotCancelled++
  if (invoice.kind === 'adjustment') counts.adjustments++
  if (quantity < 0) counts.negativeQuantity++
  if (price < 0) counts.negativePrice++
  if (price === 0) counts.zeroPrice++
  if (description !== description.trim()) counts.untrimmedDescription++
  if (code !== code.toUpperCase()) counts.lowerCaseCode++
}
