import { anonymise } from './anonymise.ts'
import { type ActivityEvent, faultOfEvent } from './event.ts'

/**
 * A line of the clickstream, screened: its event with an anonymous user, or why it is none. Runs on worker
 * threads.
 */
export function screenEvent(text: string, line: number, secret: string) {
  const fault = faultOfEvent(text)
  if (fault !== null) return { ...NO_EVENT, line, reason: fault.reason, detail: fault.detail, record: text }
  const event = JSON.parse(text) as ActivityEvent // faultOfEvent has looked at every field.
  return {
    event_id: event.event_id,
    user_id: anonymise(event.user_id, secret),
    session_id: event.session_id,
    event_type: event.event_type,
    sku: event.sku,
    invoice_no: event.invoice_no,
    country: event.country,
    device: event.device,
    campaign: event.campaign,
    ts: event.timestamp,
    line,
    reason: null,
    detail: null,
    record: null,
  }
}

/** The columns of an event where there is none. */
const NO_EVENT = {
  event_id: null,
  user_id: null,
  session_id: null,
  event_type: null,
  sku: null,
  invoice_no: null,
  country: null,
  device: null,
  campaign: null,
  ts: null,
}
