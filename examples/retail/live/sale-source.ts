import { type LocalTimestamp, Session } from 'millrace'
import { makeInvoices } from '../generator/invoices.ts'
import { inspectFiles } from '../inspect-input.ts'
import { readTransactions } from '../read-transactions.ts'

/** One line of an order; the price is in thousandths. */
export interface SaleItem {
  readonly sku: string
  readonly title: string
  readonly thousandths: number
  readonly quantity: number
}

/** An order or a return. */
export interface Sale {
  readonly number: number
  readonly country: string
  readonly kind: 'ORDER' | 'RETURN'
  readonly customer: number | null
  /** Seconds since 1970. */
  readonly second: number
  readonly items: readonly SaleItem[]
}

/** Lines of an invented invoice, about. */
const LINES_PER_SALE = 20

/** Invented sales of a year, in order of time, about so many. */
export function inventedSales(seed: number, count: number): readonly Sale[] {
  const sales: Sale[] = []
  for (const invoice of makeInvoices(seed, Math.max(2000, count * LINES_PER_SALE))) {
    const { kind, country, customer, minute } = invoice
    if (kind !== 'order' && kind !== 'cancellation') continue
    const items = invoice.lines.flatMap(({ code, description, price, quantity }): readonly SaleItem[] => {
      if (price <= 0 || quantity === 0) return []
      return [{ sku: code, title: description.trim(), thousandths: price, quantity: Math.abs(quantity) }]
    })
    if (items.length === 0) continue
    const number = Number(invoice.number.replace(/\D/g, ''))
    const second = minute * 60 + (number % 60)
    sales.push({ number, country, kind: kind === 'order' ? 'ORDER' : 'RETURN', customer, second, items })
  }
  return sales
}

/** The sales of a file of transactions, in order of time; lines of an invoice are one sale. */
export async function salesOfFile(path: string, deadLetters: string): Promise<readonly Sale[]> {
  const session = new Session({ master: 'local[2]', timeZone: 'UTC' })
  try {
    const lines = readTransactions(session, { path, ...(await inspectFiles([path])) }, deadLetters)
    const sales = new Map<string, Sale & { items: SaleItem[] }>()
    for await (const line of lines) {
      const { InvoiceNo, StockCode, Description, Quantity, UnitPrice, CustomerID, Country, InvoiceDate } =
        line
      const isReturn = InvoiceNo?.startsWith('C') === true
      if (InvoiceNo === null || InvoiceDate === null || InvoiceNo.startsWith('A') || (UnitPrice ?? 0) <= 0)
        continue
      if (!isReturn && (Quantity ?? 0) <= 0) continue
      const number = Number(InvoiceNo.replace(/\D/g, ''))
      const second = secondsOf(InvoiceDate) + (number % 60)
      const key = `${InvoiceNo}\n${Country}`
      const kind = isReturn ? 'RETURN' : 'ORDER'
      const made = { number, country: Country ?? '', kind, customer: CustomerID, second, items: [] } as const
      const sale = sales.get(key) ?? { ...made, items: [] }
      sales.set(key, sale)
      const thousandths = Math.round((UnitPrice ?? 0) * 1000)
      const title = (Description ?? '').trim()
      sale.items.push({ sku: StockCode ?? '', title, thousandths, quantity: Math.abs(Quantity ?? 0) })
    }
    const complete = [...sales.values()].filter(({ items }) => items.every(({ quantity }) => quantity > 0))
    return complete.sort((a, b) => a.second - b.second || a.number - b.number)
  } finally {
    await session.stop()
  }
}

function secondsOf(time: LocalTimestamp): number {
  return Math.floor(Date.parse(`${String(time).replace(' ', 'T')}Z`) / 1000)
}
