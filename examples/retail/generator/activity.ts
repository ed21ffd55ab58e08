import type { StreamRecord } from './arrival.ts'
import { timestampText } from './calendar.ts'
import type { Invoice } from './invoices.ts'
import type { Random } from './random.ts'

/** One session in this many ends in a purchase: 15.47 of a hundred. */
const SESSIONS_PER_PURCHASE = 1 / 0.1547
const CAMPAIGNS = [null, null, null, 'email_harvest', 'search_gifts', 'social_winter']
const DEVICES = ['desktop', 'mobile', 'tablet']
const STEP_SECONDS = 20

interface Session {
  readonly id: string
  readonly user: number
  readonly invoice: Invoice
  readonly device: string
  readonly campaign: string | null
  /** The first second of the session. */
  readonly start: number
}

/**
 * What visitors did around an order: one session that views, puts into the cart, checks out and purchases it,
 * and five or six that do not. Session and event ids come from the invoice's number, so they are unique.
 */
export function sessionsAround(invoice: Invoice, random: Random): StreamRecord[] {
  const number = Number(invoice.number)
  const others =
    Math.floor(SESSIONS_PER_PURCHASE - 1) + (random.chance((SESSIONS_PER_PURCHASE - 1) % 1) ? 1 : 0)
  const records: StreamRecord[] = []
  const ordered = invoice.minute * 60 + (number % 60)
  for (let session = 0; session <= others; session++) {
    const buys = session === 0
    const steps = makeSteps(invoice, buys, random)
    const visit: Session = {
      id: `${number}-${session}`,
      user: buys ? (invoice.customer ?? 90_000 + (number % 5_000)) : 20_000 + random.below(30_000),
      invoice,
      device: random.pick(DEVICES),
      campaign: random.pick(CAMPAIGNS),
      start: buys ? ordered - STEP_SECONDS * steps.length : ordered - random.below(600),
    }
    for (const [index, [type, sku]] of steps.entries()) records.push(makeEvent(visit, index, type, sku))
  }
  return records
}

function makeSteps({ lines }: Invoice, buys: boolean, random: Random): [type: string, sku: string | null][] {
  const views = buys ? Math.min(6, lines.length) : random.between(1, 3)
  const steps: [string, string | null][] = []
  for (let view = 0; view < views; view++) steps.push(['view', random.pick(lines).code])
  const last = steps[steps.length - 1]
  if (last !== undefined && (buys || random.chance(0.2))) steps.push(['add_to_cart', last[1]])
  if (buys) steps.push(['checkout', null], ['purchase', null])
  return steps
}

function makeEvent(visit: Session, index: number, type: string, sku: string | null): StreamRecord {
  const second = visit.start + STEP_SECONDS * index
  const text = JSON.stringify({
    event_id: `c-${visit.id}-${index}`,
    user_id: visit.user,
    session_id: visit.id,
    event_type: type,
    sku,
    invoice_no: type === 'purchase' ? Number(visit.invoice.number) : null,
    country: visit.invoice.country,
    device: visit.device,
    campaign: visit.campaign,
    timestamp: timestampText(second),
  })
  return { second, text }
}
