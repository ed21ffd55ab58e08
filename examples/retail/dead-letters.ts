import { existsSync } from 'node:fs'
import { count, lit, type Session, schema } from 'millrace'
import type { ScreenedActivity } from './activity.ts'
import type { ScreenedTransactions } from './screen.ts'

/** A line that was set aside. */
const letterSchema = schema({
  source: 'string',
  detail: 'string',
  file: 'string',
  line: 'bigint',
  byte_offset: 'bigint',
  record: 'string',
  reason: 'string',
})

/** What the reader of text files says of a line that does not fit. */
const malformedSchema = schema({
  file: 'string',
  line: 'bigint',
  byteOffset: 'bigint',
  reason: 'string',
  record: 'string',
})

/** Lines that were set aside, by reason. */
export interface Rejected {
  readonly source: string
  readonly reason: string
  readonly lines: number
}

/**
 * Makes the table `dead_letters` of all lines that were set aside, a folder for each reason: those that no
 * reader could make sense of (JSON lines in the folder `malformed`), incomplete transactions, and what is no
 * event of the clickstream.
 * Gives how many there are of each.
 */
export async function collectDeadLetters(
  session: Session,
  malformed: string,
  transactions: ScreenedTransactions,
  activity: ScreenedActivity | null,
): Promise<readonly Rejected[]> {
  const kinds = [incompleteLines(transactions)]
  if (existsSync(malformed)) kinds.push(malformedLines(session, malformed))
  if (activity !== null) kinds.push(badEvents(activity))
  const letters = kinds.map((frame) => frame.as(letterSchema)).reduce((all, frame) => all.union(frame))
  await letters.write.partitionBy('reason').saveAsTable('dead_letters')
  const counts = session
    .table('dead_letters')
    .groupBy('source', 'reason')
    .agg({ lines: count('*') })
  return await counts.orderBy('source', 'reason').as<Rejected>().collect()
}

/** Transactions without a customer, a description or a price. */
function incompleteLines({ rejected }: ScreenedTransactions) {
  return rejected.selectExpr(
    "'transactions' AS source",
    'NULL AS detail',
    'NULL AS file',
    'NULL AS line',
    'NULL AS byte_offset',
    'record',
    'reason',
  )
}

/** Lines of a text file that are no transaction at all. */
function malformedLines(session: Session, folder: string) {
  const letters = session.read.json(folder, { schema: malformedSchema })
  return letters.selectExpr(
    "'transactions' AS source",
    'reason AS detail',
    'file',
    'line',
    'byteOffset AS byte_offset',
    'record',
    "'malformed' AS reason",
  )
}

/** Lines of the clickstream that are no event. */
function badEvents({ lines, file }: ScreenedActivity) {
  return lines
    .filter((line) => line.reason.isNotNull())
    .withColumn('file', lit(file))
    .selectExpr("'activity' AS source", 'detail', 'file', 'line', 'NULL AS byte_offset', 'record', 'reason')
}
