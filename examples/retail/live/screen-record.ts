import { anonymise } from '../anonymise.ts'
import { faultOfEvent } from '../event.ts'

/**
 * What a record of a topic is, after a look at every field: an event with an anonymous user, or why it is
 * none.
 */
export interface ScreenedRecord {
  /** null: it is sound. */
  readonly reason: string | null
  readonly detail: string | null
  /** `YYYY-MM-DD HH:MM:SS`, in UTC. */
  readonly ts: string | null
  readonly country: string | null
  readonly kind: string | null
  /** Exact amount of a sale with its sign, as text; null for other topics. */
  readonly cost: string | null
  readonly items: number | null
  /** The event as JSON, without the user's number. */
  readonly event: string | null
}

type Fields = Readonly<Record<string, unknown>>

const TOPICS: Readonly<Record<string, (text: string, secret: string) => ScreenedRecord>> = {
  sales: screenSale,
  clickstream: screenClick,
  weblogs: screenWeblog,
  feedback: screenFeedback,
  inventory: screenInventory,
}

/** The topics that the platform knows. */
export const topicNames: readonly string[] = Object.keys(TOPICS)

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Screens a record. Runs on worker threads, once a record. */
export function screenRecord(topic: string, value: Uint8Array | null, secret: string): ScreenedRecord {
  const screen = TOPICS[topic]
  if (screen === undefined) return bad('unknown_topic', topic)
  if (value === null || value.length === 0) return bad('empty')
  try {
    return screen(utf8.decode(value), secret)
  } catch (error) {
    if (error instanceof SyntaxError) return bad('not_json')
    if (error instanceof TypeError) return bad('not_utf8')
    throw error
  }
}

function bad(reason: string, detail: string | null = null): ScreenedRecord {
  return { reason, detail, ts: null, country: null, kind: null, cost: null, items: null, event: null }
}

function sound(ts: string, kind: string, event: object, more: Partial<ScreenedRecord> = {}): ScreenedRecord {
  const none = { reason: null, detail: null, country: null, cost: null, items: null }
  return { ...none, ts, kind, event: JSON.stringify(event), ...more }
}

/** Prices have at most three digits after the point, so that sums of thousandths are exact. */
const THOUSANDTHS = 1000

function screenSale(text: string, secret: string): ScreenedRecord {
  const sale = objectOf(text)
  const fault =
    missing(sale, ['invoice_no', 'country', 'timestamp', 'type', 'customer_id', 'items']) ?? timeFault(sale)
  if (fault !== null) return fault
  const { invoice_no, country, type, customer_id, items } = sale
  if (!Number.isSafeInteger(invoice_no)) return bad('wrong_type', 'invoice_no')
  if (typeof country !== 'string') return bad('wrong_type', 'country')
  if (type !== 'ORDER' && type !== 'RETURN') return bad('wrong_type', 'type')
  if (customer_id !== null && !Number.isSafeInteger(customer_id)) return bad('wrong_type', 'customer_id')
  if (!Array.isArray(items) || items.length === 0) return bad('wrong_type', 'items')
  let thousandths = 0
  let count = 0
  for (const item of items as readonly Fields[]) {
    const { SKU, title, unit_price, quantity } = item
    if (typeof SKU !== 'string' || typeof title !== 'string') return bad('wrong_type', 'items')
    if (!Number.isSafeInteger(quantity) || (quantity as number) <= 0) return bad('wrong_type', 'quantity')
    if (typeof unit_price !== 'number') return bad('wrong_type', 'unit_price')
    if (unit_price < 0) return bad('negative_price', String(unit_price))
    thousandths += Math.round(unit_price * THOUSANDTHS) * (quantity as number)
    count += quantity as number
  }
  if (type === 'RETURN') thousandths = -thousandths
  const { customer_id: _user, ...rest } = sale
  const user_id = customer_id === null ? null : anonymise(customer_id as number, secret)
  const cost = (thousandths / THOUSANDTHS).toFixed(3)
  return sound(String(sale['timestamp']), type, { ...rest, user_id }, { country, cost, items: count })
}

function screenClick(text: string, secret: string): ScreenedRecord {
  const fault = faultOfEvent(text)
  if (fault !== null) return bad(fault.reason, fault.detail)
  const { user_id, ...rest } = objectOf(text)
  const event = { ...rest, user_id: anonymise(user_id as number, secret) }
  return sound(String(rest['timestamp']), String(rest['event_type']), event, {
    country: String(rest['country']),
  })
}

const WEBLOG = new RegExp(
  [
    /^(\S+) - (\S+) \[(\d{2})\/(\w{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}) \+0000\] /,
    /"(\w+) (\S+) [^"]*" (\d{3}) (\d+) "([^"]*)" "([^"]*)"$/,
  ]
    .map(({ source }) => source)
    .join(''),
)
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The address tells the user as the number does, so it goes too. */
function screenWeblog(text: string, secret: string): ScreenedRecord {
  const match = WEBLOG.exec(text)
  if (match === null) return bad('not_a_log_line')
  const [, , user, day, month, year, time, method, path, status, bytes, referrer, agent] = match
  const number = MONTHS.indexOf(month!) + 1
  const ts = `${year}-${String(number).padStart(2, '0')}-${day} ${time}`
  if (!isTime(ts)) return bad('bad_timestamp', 'timestamp')
  const user_id = /^\d+$/.test(user!) ? anonymise(Number(user), secret) : null
  const event = { user_id, method, path, status: Number(status), bytes: Number(bytes), referrer, agent }
  return sound(ts, path!.split('/')[1] ?? '', { ...event, timestamp: ts })
}

function screenFeedback(text: string, secret: string): ScreenedRecord {
  const value = objectOf(text)
  const fault =
    missing(value, ['feedback_id', 'user_id', 'sku', 'rating', 'review', 'timestamp']) ?? timeFault(value)
  if (fault !== null) return fault
  const { user_id, rating, sku, review } = value
  if (!Number.isSafeInteger(user_id)) return bad('wrong_type', 'user_id')
  if (typeof sku !== 'string' || typeof review !== 'string') return bad('wrong_type', 'review')
  if (![1, 2, 3, 4, 5].includes(rating as number)) return bad('wrong_type', 'rating')
  return sound(String(value['timestamp']), String(rating), {
    ...value,
    user_id: anonymise(user_id as number, secret),
  })
}

const REASONS = ['SALE', 'WRITE_OFF', 'FOUND', 'RESTOCK', 'PRODUCT_UPDATE']

function screenInventory(text: string): ScreenedRecord {
  const value = objectOf(text)
  const fault = missing(value, ['update_id', 'sku', 'delta', 'reason', 'timestamp']) ?? timeFault(value)
  if (fault !== null) return fault
  const { sku, delta, reason } = value
  if (typeof sku !== 'string') return bad('wrong_type', 'sku')
  if (!Number.isSafeInteger(delta)) return bad('wrong_type', 'delta')
  if (!REASONS.includes(String(reason))) return bad('wrong_type', 'reason')
  return sound(String(value['timestamp']), String(reason), value)
}

/** SyntaxError for what is no JSON object. */
function objectOf(text: string): Fields {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object')
  return value as Fields
}

function missing(value: Fields, names: readonly string[]): ScreenedRecord | null {
  const name = names.find((each) => !(each in value))
  return name === undefined ? null : bad('missing_field', name)
}

function timeFault({ timestamp }: Fields): ScreenedRecord | null {
  return typeof timestamp === 'string' && isTime(timestamp) ? null : bad('bad_timestamp', 'timestamp')
}

/** A real day and time of day, as `YYYY-MM-DD HH:MM:SS`. */
function isTime(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return false
  const iso = text.replace(' ', 'T')
  const time = new Date(`${iso}.000Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(iso)
}
