import type { Random } from './random.ts'

/**
 * A record of a stream before it is sent: its text without a line feed, and its event time in seconds since
 * 1970.
 */
export interface StreamRecord {
  readonly second: number
  readonly text: string
}

export interface StreamCounts {
  /** Lines of the file. */
  lines: number
  /** Different valid records. */
  accepted: number
  /** Valid records sent a second time, up to two minutes later. */
  duplicates: number
  /** Lines that are no valid record; `malformedByKind` has them by what is wrong. */
  malformed: number
  malformedByKind: { [kind: string]: number }
}

const DUPLICATE_SHARE = 0.01
const MALFORMED_SHARE = 0.005

/**
 * Ways to spoil a record, used in turn; the field names of the three streams differ, their timestamps do not.
 */
const FAULTS: readonly (readonly [kind: string, spoil: (text: string) => string])[] = [
  ['truncated_json', (text) => text.slice(0, text.length >> 1)],
  ['missing_field', (text) => text.replace(/,"timestamp":"[^"]*"/, '')],
  ['bad_timestamp', (text) => text.replace(/"timestamp":"[^"]*"/, '"timestamp":"31/02/2011 25:61"')],
  ['empty', () => ''],
  ['wrong_type', (text) => text.replace(/"(user_id|delta)":-?\d+/, '"$1":"six"')],
]

/**
 * The lines of a stream in order of arrival: most records come at once, one in five up to a minute late, one
 * in a hundred up to a quarter of an hour; some twice; between them malformed ones, each a copy of a record
 * that is there.
 */
export function arrive(
  records: readonly StreamRecord[],
  random: Random,
): { lines: string[]; counts: StreamCounts } {
  const sent = records.map(({ second, text }) => ({ at: second + delay(random), text }))
  const duplicates = Math.floor(records.length * DUPLICATE_SHARE)
  const malformed = Math.floor(records.length * MALFORMED_SHARE)
  const order = random.shuffle(records.map((_, index) => index))
  for (const index of order.slice(0, duplicates)) {
    const { at, text } = sent[index]! // Indexes of the records, of which `sent` has as many.
    sent.push({ at: at + random.between(1, 119), text })
  }
  const malformedByKind: { [kind: string]: number } = {}
  for (let fault = 0; fault < malformed; fault++) {
    const { at, text } = sent[random.below(records.length)]!
    const [kind, spoil] = FAULTS[fault % FAULTS.length]!
    sent.push({ at, text: spoil(text) })
    malformedByKind[kind] = (malformedByKind[kind] ?? 0) + 1
  }
  sent.sort((a, b) => a.at - b.at)
  const counts = { lines: sent.length, accepted: records.length, duplicates, malformed, malformedByKind }
  return { lines: sent.map(({ text }) => `${text}\n`), counts }
}

function delay(random: Random): number {
  const luck = random.next()
  if (luck < 0.8) return 0
  if (luck < 0.95) return random.between(1, 30)
  return luck < 0.99 ? random.between(31, 59) : random.between(180, 900)
}
