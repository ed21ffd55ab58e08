import { timestampText } from '../generator/calendar.ts'
import { Random } from '../generator/random.ts'
import { amountOf, type LiveEvent, type MadeEvents } from './make-events.ts'
import type { Sale } from './sale-source.ts'

/** A record on its way to the log. */
export interface Arrival {
  readonly topic: string
  readonly key: string
  readonly value: string | Buffer
}

const DUPLICATES = 0.01
const MALFORMED = 0.005
const FAULTS = [
  'truncated_json',
  'wrong_type',
  'missing_field',
  'bad_timestamp',
  'not_utf8',
  'empty',
  'negative_price',
] as const

/** How many of so many records are unique and valid, come twice, and are malformed. */
export function partsOf(records: number): { unique: number; duplicates: number; malformed: number } {
  const duplicates = Math.floor(records * DUPLICATES)
  const malformed = Math.floor(records * MALFORMED)
  return { unique: records - duplicates - malformed, duplicates, malformed }
}

/** How late an event comes: most not at all, one in a hundred by minutes. */
function delayOf(random: Random): readonly [kind: string, seconds: number] {
  const chance = random.next()
  if (chance < 0.8) return ['on_time', 0]
  if (chance < 0.95) return ['jitter_1_30s', random.between(1, 30)]
  if (chance < 0.99) return ['jitter_31_59s', random.between(31, 59)]
  return ['late_180_900s', random.between(180, 900)]
}

interface Placed extends Arrival {
  readonly at: number
  readonly source: number
  readonly event: LiveEvent | null
}

/** Records in the order in which they arrive, and what a reader must find in them. */
export function arrange(
  made: MadeEvents,
  records: number,
  seed: number,
): { readonly arrivals: readonly Arrival[]; readonly manifest: object } {
  const random = new Random(seed, 21)
  const { duplicates, malformed } = partsOf(records)
  const counts = new Counts()
  const placed: Placed[] = made.events.map((event, source) => {
    const [kind, seconds] = delayOf(random)
    counts.add('unique', event.topic)
    counts.add('lateness', `${event.topic}/${kind}`)
    const { topic, key, value, second } = event
    return { at: second + seconds, source, event, topic, key, value }
  })
  const unique = placed.length
  for (const source of chosen(unique, duplicates, random)) {
    const first = placed[source]!
    counts.add('duplicates', first.topic)
    placed.push({ ...first, at: first.at + random.between(1, 119) })
  }
  const ofSales = placed.slice(0, unique).flatMap(({ topic }, index) => (topic === 'sales' ? [index] : []))
  const ofJson = placed.slice(0, unique).flatMap(({ topic }, index) => (topic === 'weblogs' ? [] : [index]))
  for (let number = 0; number < malformed; number++) {
    const fault = FAULTS[number % FAULTS.length]!
    const isOfSales = fault === 'wrong_type' || fault === 'negative_price' || fault === 'not_utf8'
    const { at, source, topic, event } = placed[random.pick(isOfSales ? ofSales : ofJson)]!
    counts.add('malformed', `${topic}/${fault}`)
    placed.push({ at, source, topic, key: `bad-${number}`, value: spoiled(event!.value, fault), event: null })
  }
  const arrivals = placed
    .map((record, order) => ({ record, order }))
    .sort((a, b) => a.record.at - b.record.at || a.order - b.order)
    .map(({ record }) => record)
  return { arrivals, manifest: manifestOf(made, arrivals, counts, { records, seed, duplicates, malformed }) }
}

/** So many different numbers below a limit. */
function chosen(limit: number, count: number, random: Random): Iterable<number> {
  const numbers = new Set<number>()
  while (numbers.size < count) numbers.add(random.below(limit))
  return numbers
}

function spoiled(value: string, fault: (typeof FAULTS)[number]): string | Buffer {
  if (fault === 'empty') return ''
  if (fault === 'truncated_json') return value.slice(0, Math.max(1, value.length >> 1))
  const event = JSON.parse(value) as Record<string, unknown> & { items?: Record<string, unknown>[] }
  if (fault === 'missing_field') delete event['timestamp']
  if (fault === 'bad_timestamp') event['timestamp'] = '31/02/2011 25:61'
  const item = event.items?.[0] ?? {}
  if (fault === 'wrong_type') item['quantity'] = 'six'
  if (fault === 'negative_price') item['unit_price'] = -1
  if (fault !== 'not_utf8') return JSON.stringify(event)
  item['title'] = 'Gift voucher £40.00'
  return Buffer.from(JSON.stringify(event), 'latin1')
}

class Counts {
  readonly #counts: Record<string, Record<string, number>> = {}

  add(list: string, name: string): void {
    const counts = this.#counts[list] ?? {}
    counts[name] = (counts[name] ?? 0) + 1
    this.#counts[list] = counts
  }

  of(list: string): Readonly<Record<string, number>> {
    const entries = Object.entries(this.#counts[list] ?? {})
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

const MINUTE = 60
const LATE_DROPPED = `late_dropped_unique_by_topic(${[
  'per-record watermark',
  'max event time of the topic - 60 s',
  'window end <= watermark',
].join(', ')})`

function manifestOf(
  made: MadeEvents,
  arrivals: readonly Placed[],
  counts: Counts,
  given: { records: number; seed: number; duplicates: number; malformed: number },
): object {
  const { all, inTime } = lateness(arrivals, counts)
  const sales = [...made.sales.values()]
  const of = (kind: Sale['kind']): number => sales.filter((sale) => sale.kind === kind).length
  const volume = sales.reduce((sum, sale) => sum + amountOf(sale), 0)
  const items = sales.flatMap((sale) => sale.items).reduce((sum, { quantity }) => sum + quantity, 0)
  const { events, sessions, purchases } = made
  const seconds = events.map(({ second }) => second)
  return {
    args: { n: given.records, seed: given.seed },
    records: arrivals.length,
    unique_valid: events.length,
    duplicates: given.duplicates,
    malformed: given.malformed,
    unique_by_topic: counts.of('unique'),
    duplicates_by_topic: counts.of('duplicates'),
    malformed_by_topic_kind: counts.of('malformed'),
    lateness_by_topic: counts.of('lateness'),
    [LATE_DROPPED]: counts.of('late'),
    sessions,
    purchase_sessions: purchases,
    conversion_rate: Number((purchases / Math.max(1, sessions)).toFixed(9)),
    sales: {
      orders: of('ORDER'),
      returns: of('RETURN'),
      total_sales_volume: (volume / 1000).toFixed(3),
      total_items: items,
      windows_1min: all.size,
      windows_1min_late_dropped: inTime.size,
    },
    event_time_min: timestampText(seconds.reduce((least, second) => Math.min(least, second), Infinity)),
    event_time_max: timestampText(seconds.reduce((most, second) => Math.max(most, second), 0)),
  }
}

/** Windows of sales, with and without those that a watermark that moves with every record finds closed. */
function lateness(
  arrivals: readonly Placed[],
  counts: Counts,
): { readonly all: ReadonlySet<number>; readonly inTime: ReadonlySet<number> } {
  const newest = new Map<string, number>()
  const seen = new Set<string>()
  const all = new Set<number>()
  const inTime = new Set<number>()
  for (const { topic, key, event } of arrivals) {
    if (event === null) continue
    const window = Math.floor(event.second / MINUTE)
    const most = newest.get(topic)
    const isLate = most !== undefined && (window + 1) * MINUTE <= most - MINUTE
    newest.set(topic, Math.max(most ?? 0, event.second))
    if (seen.has(key)) continue
    seen.add(key)
    if (isLate) counts.add('late', topic)
    if (topic !== 'sales') continue
    all.add(window)
    if (!isLate) inTime.add(window)
  }
  return { all, inTime }
}
