import { anonymise } from './anonymise.ts'
import { type ActivityEvent, faultOfEvent } from './event.ts'

/** A line of the clickstream, screened: its event with an anonymous user, or why it is none. Runs on worker threads. */
export function screenEvent(text: string, line: number, secret: string) {
  const fault = faultOfEvent(text)
  if (fault !== null) return { line, ...fault, record: text }
  const { timestamp, user_id, ...event } = JSON.parse(text) as ActivityEvent // faultOfEvent has looked at every field.
  return { ...event, user_id: anonymise(user_id, secret), ts: timestamp, line }
}
