import { timestampText } from '../generator/calendar.ts'
import { Random } from '../generator/random.ts'
import type { Sale } from './sale-source.ts'

/** A record of a topic, with the time of what it tells. */
export interface LiveEvent {
  readonly topic: string
  readonly key: string
  readonly second: number
  readonly value: string
}

/** Parts of the unique records. */
const SHARES: Readonly<Record<string, number>> = {
  sales: 0.08,
  clickstream: 0.7,
  weblogs: 0.15,
  feedback: 0.04,
  inventory: 0.03,
}

const CAMPAIGNS = [null, null, null, 'email_harvest', 'search_gifts', 'social_winter']
const DEVICES = ['desktop', 'mobile', 'tablet']
const AGENTS = ['Mozilla/5.0 (Windows NT 10.0) Chrome/131.0', 'Mozilla/5.0 (iPhone) Safari/604.1']
const REVIEWS = [
  '',
  'Broken when it came.',
  'The box was damaged.',
  'As expected.',
  'Good value.',
  'Lovely thing.',
]
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Sales come again after this many days, under other numbers, when more are asked for than there are. */
const LOOP_DAYS = 400
const LOOP_NUMBERS = 1_000_000
const DAY = 86_400
/** Of a hundred sessions 15.47 buy. */
const SESSIONS_PER_PURCHASE = 1 / 0.1547

/**
 * Unique, valid events around sales, so many in all, each topic with its part; the same for the same seed.
 */
export function makeEvents(sales: readonly Sale[], count: number, seed: number): MadeEvents {
  const maker = new EventMaker(count, new Random(seed, 20))
  for (let index = 0; !maker.isFull; index++) {
    const sale = sales[index % sales.length]!
    maker.add(again(sale, Math.floor(index / sales.length)))
  }
  return maker
}

function again(sale: Sale, loop: number): Sale {
  if (loop === 0) return sale
  const number = sale.number + loop * LOOP_NUMBERS
  return { ...sale, number, second: sale.second + loop * LOOP_DAYS * DAY }
}

/** Exact amount of a sale with its sign, in thousandths. */
export function amountOf({ items, kind }: Sale): number {
  const sum = items.reduce((total, { thousandths, quantity }) => total + thousandths * quantity, 0)
  return kind === 'ORDER' ? sum : -sum
}

/** What was made. */
export interface MadeEvents {
  readonly events: readonly LiveEvent[]
  /** By the key of their event. */
  readonly sales: ReadonlyMap<string, Sale>
  readonly sessions: number
  readonly purchases: number
}

class EventMaker implements MadeEvents {
  readonly events: LiveEvent[] = []
  readonly sales = new Map<string, Sale>()
  sessions = 0
  purchases = 0
  readonly #left = new Map<string, number>()
  readonly #random: Random
  #filler = 0

  constructor(count: number, random: Random) {
    this.#random = random
    let rest = count
    for (const [topic, share] of Object.entries(SHARES)) {
      this.#left.set(topic, Math.floor(count * share))
      rest -= Math.floor(count * share)
    }
    this.#left.set('clickstream', (this.#left.get('clickstream') ?? 0) + rest)
  }

  get isFull(): boolean {
    return [...this.#left.values()].every((left) => left === 0)
  }

  add(sale: Sale): void {
    this.#sale(sale)
    if (sale.kind === 'ORDER') this.#visits(sale)
    const random = this.#random
    const item = random.pick(sale.items)
    const { number, second } = sale
    if (random.chance(0.65))
      this.#feedback(`f-${number}`, userOf(sale), item.sku, second + random.between(60, 3600))
    if (random.chance(0.5)) this.#stock(`i-${number}`, item.sku, -item.quantity, 'SALE', second)
    // What is left when all sales are there.
    if (this.#left.get('sales') === 0) this.#fill(sale)
  }

  #sale(sale: Sale): void {
    const { number, country, kind, customer, second, items } = sale
    const key = `s-${number}-${country}`
    if (this.sales.has(key)) return
    const value = {
      invoice_no: number,
      country,
      timestamp: timestampText(second),
      type: kind,
      customer_id: customer,
      items: items.map(({ sku, title, thousandths, quantity }) => {
        return { SKU: sku, title, unit_price: thousandths / 1000, quantity }
      }),
    }
    if (this.#put('sales', key, second, JSON.stringify(value))) this.sales.set(key, sale)
  }

  #visits(sale: Sale): void {
    const random = this.#random
    const others =
      Math.floor(SESSIONS_PER_PURCHASE - 1) + (random.chance((SESSIONS_PER_PURCHASE - 1) % 1) ? 1 : 0)
    for (let session = 0; session <= others; session++) {
      const buys = session === 0
      const steps = stepsOf(sale, buys, random)
      if ((this.#left.get('clickstream') ?? 0) < steps.length) continue
      this.sessions++
      if (buys) this.purchases++
      const id = `${sale.number}-${session}`
      const user = buys ? userOf(sale) : 20_000 + random.below(30_000)
      const start = buys ? sale.second - 20 * steps.length : sale.second - random.below(600)
      const visit = {
        id,
        user,
        country: sale.country,
        device: random.pick(DEVICES),
        campaign: random.pick(CAMPAIGNS),
      }
      for (const [step, [type, sku]] of steps.entries()) {
        const second = start + 20 * step
        this.#click(`c-${id}-${step}`, visit, type, sku, type === 'purchase' ? sale.number : null, second)
        if (random.chance(0.3)) this.#weblog(`w-${id}-${step}`, user, `${type}/${sku ?? sale.number}`, second)
      }
    }
  }

  /** One event more of every topic that still wants some. */
  #fill(sale: Sale): void {
    const random = this.#random
    const id = `x${++this.#filler}`
    const item = random.pick(sale.items)
    const second = sale.second + random.below(60)
    const user = 20_000 + random.below(30_000)
    const visit = { id, user, country: sale.country, device: 'mobile', campaign: null }
    if (this.#click(`c-${id}-0`, visit, 'view', item.sku, null, second)) this.sessions++
    this.#weblog(`w-${id}`, user, `view/${item.sku}`, second)
    this.#feedback(`f-${id}`, user, item.sku, second)
    const isRestock = random.chance(0.3)
    const delta = isRestock ? random.between(10, 500) : random.between(-20, 20) || 1
    this.#stock(`i-${id}`, item.sku, delta, isRestock ? 'RESTOCK' : delta < 0 ? 'WRITE_OFF' : 'FOUND', second)
    if (random.chance(0.1)) this.#product(`i-p${id}`, item.sku, item.title, second)
  }

  #click(
    key: string,
    visit: { id: string; user: number; country: string; device: string; campaign: string | null },
    type: string,
    sku: string | null,
    invoice: number | null,
    second: number,
  ): boolean {
    const { id, user, country, device, campaign } = visit
    const value = {
      event_id: key,
      user_id: user,
      session_id: id,
      event_type: type,
      sku,
      invoice_no: invoice,
      country,
      device,
      campaign,
      timestamp: timestampText(second),
    }
    return this.#put('clickstream', key, second, JSON.stringify(value))
  }

  #weblog(key: string, user: number, path: string, second: number): void {
    const random = this.#random
    const [day, time] = timestampText(second).split(' ') as [string, string]
    const [year, month, date] = day.split('-') as [string, string, string]
    const when = `${date}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`
    const address = `10.${(user >> 16) & 255}.${(user >> 8) & 255}.${user & 255}`
    const status = random.chance(0.9) ? 200 : random.pick([304, 404])
    const bytes = random.between(500, 60_000)
    const request = `"GET /${path} HTTP/1.1" ${status} ${bytes}`
    const line = `${address} - ${user} [${when}] ${request} "-" "${random.pick(AGENTS)}"`
    this.#put('weblogs', key, second, line)
  }

  #feedback(key: string, user: number, sku: string, second: number): void {
    const rating = 5 - this.#random.weighted([55, 22, 12, 7, 4])
    const value = {
      feedback_id: key,
      user_id: user,
      sku,
      rating,
      review: REVIEWS[rating],
      timestamp: timestampText(second),
    }
    this.#put('feedback', key, second, JSON.stringify(value))
  }

  #stock(key: string, sku: string, delta: number, reason: string, second: number): void {
    const value = { update_id: key, sku, delta, reason, timestamp: timestampText(second) }
    this.#put('inventory', key, second, JSON.stringify(value))
  }

  #product(key: string, sku: string, title: string, second: number): void {
    const value = {
      update_id: key,
      sku,
      delta: 0,
      reason: 'PRODUCT_UPDATE',
      title,
      timestamp: timestampText(second),
    }
    this.#put('inventory', key, second, JSON.stringify(value))
  }

  /** Whether the topic still had room. */
  #put(topic: string, key: string, second: number, value: string): boolean {
    const left = this.#left.get(topic) ?? 0
    if (left === 0) return false
    this.#left.set(topic, left - 1)
    this.events.push({ topic, key, second, value })
    return true
  }
}

function userOf({ customer, number }: Sale): number {
  return customer ?? 90_000 + (number % 5_000)
}

function stepsOf({ items }: Sale, buys: boolean, random: Random): [type: string, sku: string | null][] {
  const views = buys ? Math.min(6, items.length) : random.between(1, 3)
  const steps: [string, string | null][] = []
  for (let view = 0; view < views; view++) steps.push(['view', random.pick(items).sku])
  if (buys || random.chance(0.2)) steps.push(['add_to_cart', steps.at(-1)![1]])
  if (buys) steps.push(['checkout', null], ['purchase', null])
  return steps
}
