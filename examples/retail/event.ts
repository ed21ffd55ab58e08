/** One thing a user did in the shop. */
export interface ActivityEvent {
  readonly event_id: string
  readonly user_id: number
  readonly session_id: string
  readonly event_type: string
  readonly sku: string | null
  readonly invoice_no: number | null
  readonly country: string
  readonly device: string
  readonly campaign: string | null
  /** `YYYY-MM-DD HH:MM:SS` */
  readonly timestamp: string
}

type FieldCheck = (value: unknown) => boolean

const isText: FieldCheck = (value) => typeof value === 'string'
const isWhole: FieldCheck = (value) => Number.isSafeInteger(value)
const orNull =
  (check: FieldCheck): FieldCheck =>
  (value) =>
    value === null || check(value)
const oneOf =
  (...values: readonly string[]): FieldCheck =>
  (value) =>
    values.includes(value as string)

/** Every field must be there; NULL counts only where the format allows it. */
const FIELDS: Readonly<Record<keyof ActivityEvent, FieldCheck>> = {
  event_id: isText,
  user_id: isWhole,
  session_id: isText,
  event_type: oneOf('view', 'add_to_cart', 'checkout', 'purchase'),
  sku: orNull(isText),
  invoice_no: orNull(isWhole),
  country: isText,
  device: oneOf('desktop', 'mobile', 'tablet'),
  campaign: orNull(isText),
  timestamp: isText,
}

/** Why a line is no event. */
export interface EventFault {
  readonly reason: 'empty' | 'not_utf8' | 'not_json' | 'missing_field' | 'wrong_value' | 'bad_timestamp'
  /** The field, if it is one. */
  readonly detail: string | null
}

/** What is wrong with a line of the clickstream, or null: it is an event. */
export function faultOfEvent(line: string): EventFault | null {
  if (line.trim() === '') return { reason: 'empty', detail: null }
  // What a reader puts for bytes that are none.
  if (line.includes('\uFFFD')) return { reason: 'not_utf8', detail: null }
  const value = parseObject(line)
  if (value === null) return { reason: 'not_json', detail: null }
  for (const [detail, isValid] of Object.entries(FIELDS)) {
    if (!(detail in value)) return { reason: 'missing_field', detail }
    if (!isValid(value[detail])) return { reason: 'wrong_value', detail }
  }
  return isTimestamp(String(value['timestamp'])) ? null : { reason: 'bad_timestamp', detail: 'timestamp' }
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // An object that is no array.
      : null
  } catch {
    return null
  }
}

/** A real day and time of day, as `YYYY-MM-DD HH:MM:SS`. */
function isTimestamp(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return false
  const iso = text.replace(' ', 'T')
  const time = new Date(`${iso}.000Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(iso)
}
