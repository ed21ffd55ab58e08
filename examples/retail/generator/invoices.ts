import { clockText, minuteOfDay, type TradingDay, tradingDays } from './calendar.ts'
import { makeCatalogue, type Product, SERVICES } from './catalogue.ts'
import { type Customers, countryAbroad, customerId, HOME, makeCustomers, pickCustomer } from './customers.ts'
import { Random } from './random.ts'

/** One line of an invoice. `price` is in thousandths of a pound. */
export interface Line {
  readonly code: string
  readonly description: string
  readonly quantity: number
  readonly price: number
}

export interface Invoice {
  /** Digits, after `C` for a cancellation or `A` for an adjustment. */
  readonly number: string
  readonly kind: 'order' | 'cancellation' | 'stock' | 'adjustment'
  readonly customer: number | null
  readonly country: string
  /** Minutes since 1970; the lines of a few invoices go on in the next minute. */
  readonly minute: number
  /** `M/D/YYYY H:MM`. */
  readonly dateText: string
  readonly nextDateText: string
  readonly lines: readonly Line[]
}

interface Shop {
  readonly random: Random
  readonly products: readonly Product[]
  readonly customers: Customers
  /** Some lines that were sold lately: what a cancellation takes back. */
  readonly sold: { customer: number | null; country: string; line: Line }[]
  number: number
}

/** A kind of invoice: its part of all invoices and how many lines it has on average. */
const KINDS = [
  { kind: 'order', known: true, share: 0.716, meanLines: 21 },
  { kind: 'order', known: false, share: 0.046, meanLines: 120 },
  { kind: 'cancellation', known: true, share: 0.148, meanLines: 2.4 },
  { kind: 'stock', known: false, share: 0.09, meanLines: 1 },
] as const
const SHARES = KINDS.map(({ share }) => share)
const FIRST_NUMBER = 536_365
const ADJUSTMENT_DAY = Date.UTC(2011, 7, 12) / 60_000
const STOCK_NOTES = [
  'damaged',
  'wet pallet',
  '?',
  'counted again',
  'found',
  'broken in store',
  'sample',
  'thrown away',
]
/** Packs are sold more often than pieces. */
const QUANTITIES = [
  1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 6, 8, 10, 12, 12, 12, 20, 24, 24, 36, 48, 72, 100,
]

/** Every invoice in order of time; together they have exactly `lineCount` lines. */
export function* makeInvoices(seed: number, lineCount: number): Generator<Invoice> {
  const random = new Random(seed, 1)
  const products = makeCatalogue(new Random(seed, 2), 3_900)
  const customers = makeCustomers(new Random(seed, 3), Math.max(40, Math.round(lineCount / 95)))
  const shop: Shop = { random, products, customers, sold: [], number: FIRST_NUMBER }
  let passed = 0
  let written = 0
  for (const day of tradingDays()) {
    const progress = passed
    passed += day.share
    const budget = Math.min(lineCount, Math.round(passed * lineCount)) - written
    written += budget
    yield* invoicesOfDay(shop, day, budget, progress)
  }
}

function* invoicesOfDay(shop: Shop, day: TradingDay, budget: number, progress: number): Generator<Invoice> {
  const { random } = shop
  const adjustments = day.startMinute === ADJUSTMENT_DAY ? Math.min(3, budget) : 0
  const plans: { choice: number; size: number }[] = []
  for (let rest = budget - adjustments; rest > 0; ) {
    const choice = random.weighted(SHARES)
    const mean = KINDS[choice]?.meanLines ?? 1
    const size = Math.min(rest, mean === 1 ? 1 : random.size(mean))
    plans.push({ choice, size })
    rest -= size
  }
  const minutes = plans.map(() => minuteOfDay(random)).sort((a, b) => a - b)
  for (const [index, { choice, size }] of plans.entries()) {
    yield makeInvoice(shop, day, minutes[index] ?? 0, choice, size, progress)
  }
  for (let index = 0; index < adjustments; index++) yield makeAdjustment(shop, day, index)
}

function makeInvoice(
  shop: Shop,
  day: TradingDay,
  minute: number,
  choice: number,
  size: number,
  progress: number,
): Invoice {
  const { kind, known } = KINDS[choice] ?? KINDS[0]
  if (kind === 'cancellation' && shop.sold.length > 0) return makeCancellation(shop, day, minute, size)
  const { random, customers } = shop
  if (kind === 'stock') {
    return frame(shop, day, minute, { kind, customer: null, country: HOME, lines: [makeStockLine(shop)] })
  }
  const index = known ? pickCustomer(random, customers, progress) : -1
  const customer = known ? customerId(index, customers) : null
  const country = known
    ? (customers.countries[index] ?? HOME)
    : random.chance(0.96)
      ? HOME
      : countryAbroad(random)
  const bulk = random.chance(0.02) ? 10 : 1
  const lines: Line[] = []
  while (lines.length < size) lines.push(makeLine(shop, lines, size, country, known, bulk))
  return frame(shop, day, minute, { kind: 'order', customer, country, lines })
}

function makeLine(
  shop: Shop,
  lines: readonly Line[],
  size: number,
  country: string,
  known: boolean,
  bulk: number,
): Line {
  const { random } = shop
  const previous = lines[lines.length - 1]
  if (previous !== undefined && random.chance(0.0025)) return previous
  if (previous !== undefined && lines.length === size - 1) {
    if (country !== HOME && random.chance(0.35)) return serviceLine(SERVICES.postage, random.between(1, 4), 1)
    if (!known && random.chance(0.6)) return serviceLine(SERVICES.webCarriage, 1, 0.2 + 4 * random.next())
  }
  if (random.chance(0.0009)) return serviceLine(SERVICES.manual, 1, 0.1 + 20 * random.lean() * random.next())
  const product = shop.products[Math.floor(shop.products.length * random.lean())] ?? SERVICES.manual
  const price = known ? product.price : product.price * 2
  return {
    code: random.chance(0.018) ? product.code.toLowerCase() : product.code,
    description: random.chance(0.1) ? product.variant : product.description,
    quantity: quantityOf(random, product.price, known ? bulk : 0.25),
    price: random.chance(known ? 0.0001 : 0.0013) ? 0 : price,
  }
}

/** Dear things are bought by the piece; a cheap one is ordered by the lorry, once in a long while. */
function quantityOf(random: Random, price: number, bulk: number): number {
  if (random.chance(0.00002)) return Math.ceil(random.between(1_000_000, 40_000_000) / price)
  const usual = random.pick(QUANTITIES) * bulk
  return Math.ceil(price >= 5_000 ? usual / 6 : price >= 2_500 ? usual / 3 : usual)
}

/** `factor` is applied to the usual price, which then is a whole number of pence. */
function serviceLine(service: Product, quantity: number, factor: number): Line {
  const price = Math.round((service.price * factor) / 10) * 10
  return { code: service.code, description: service.description, quantity, price }
}

/** Goods lost or found: no price, no customer, mostly no description. */
function makeStockLine({ random, products }: Shop): Line {
  const product = random.pick(products)
  const description = random.chance(0.63)
    ? ''
    : random.chance(0.6)
      ? random.pick(STOCK_NOTES)
      : product.description
  const quantity = random.size(60) * (random.chance(0.58) ? -1 : 1)
  return { code: product.code, description, quantity, price: 0 }
}

/** Takes back lines sold lately, in full or in part, or grants a discount. */
function makeCancellation(shop: Shop, day: TradingDay, minute: number, size: number): Invoice {
  const { random, sold } = shop
  const first = random.pick(sold)
  const lines: Line[] = []
  while (lines.length < size) {
    const { line } = lines.length === 0 ? first : random.pick(sold)
    const quantity = random.chance(0.4) ? line.quantity : random.between(1, line.quantity)
    const taken = random.chance(0.01)
      ? serviceLine(SERVICES.discount, 1, random.next() + 0.1)
      : { ...line, quantity }
    lines.push({ ...taken, quantity: -taken.quantity })
  }
  const customer = random.chance(0.04) ? null : first.customer
  return frame(shop, day, minute, { kind: 'cancellation', customer, country: first.country, lines })
}

/** A debt written off, entered once too few and once too many: the only lines with a price below zero. */
function makeAdjustment(shop: Shop, day: TradingDay, index: number): Invoice {
  const line = {
    code: 'B',
    description: 'Bad debt',
    quantity: 1,
    price: index === 0 ? 8_140_350 : -8_140_350,
  }
  return frame(shop, day, 21 * 60 + index, {
    kind: 'adjustment',
    customer: null,
    country: HOME,
    lines: [line],
  })
}

function frame(
  shop: Shop,
  day: TradingDay,
  minute: number,
  content: Pick<Invoice, 'kind' | 'customer' | 'country' | 'lines'>,
): Invoice {
  shop.number += shop.random.chance(0.8) ? 1 : 2
  if (content.kind === 'order') remember(shop, content)
  const prefix = content.kind === 'cancellation' ? 'C' : content.kind === 'adjustment' ? 'A' : ''
  const dateText = `${day.text} ${clockText(minute)}`
  const splits = content.lines.length > 1 && shop.random.chance(0.0025)
  const nextDateText = splits ? `${day.text} ${clockText(minute + 1)}` : dateText
  return {
    ...content,
    number: `${prefix}${shop.number}`,
    minute: day.startMinute + minute,
    dateText,
    nextDateText,
  }
}

/** Keeps some lines of known customers; the oldest are forgotten by being overwritten. */
function remember(
  shop: Shop,
  { customer, country, lines }: Pick<Invoice, 'customer' | 'country' | 'lines'>,
): void {
  if (customer === null) return
  for (const line of lines.slice(0, 3)) {
    if (line.price === 0) continue
    const entry = { customer, country, line }
    if (shop.sold.length < 500) shop.sold.push(entry)
    else shop.sold[shop.random.below(500)] = entry
  }
}
