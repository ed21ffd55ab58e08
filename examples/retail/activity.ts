import { type Session, schema } from 'millrace'
import { screenEvent } from './screen-event.ts'

/** A line of the clickstream after screening: an event, or a reason and the text. */
const screenedSchema = schema({
  event_id: 'string',
  user_id: 'string',
  session_id: 'string',
  event_type: 'string',
  sku: 'string',
  invoice_no: 'bigint',
  country: 'string',
  device: 'string',
  campaign: 'string',
  ts: 'timestamp_ntz',
  line: 'bigint',
  reason: 'string',
  detail: 'string',
  record: 'string',
})

/** The clickstream after screening. */
export type ScreenedActivity = ReturnType<typeof readActivity>

/**
 * Reads the clickstream as an RDD of lines, each with its number. `events` are the good ones, each once: a
 * second record of an event is dropped.
 */
export function readActivity(session: Session, file: string, secret: string) {
  const lines = session
    .textFile(file)
    .zipWithIndex()
    .map(([text, index], { secret }) => screenEvent(text, index + 1, secret), { with: { secret } })
    .toDF(screenedSchema)
    .cache()
  const good = lines.filter((line) => line.reason.isNull()).drop('line', 'reason', 'detail', 'record')
  return { file, lines, events: good.dropDuplicates(['event_id']) }
}
