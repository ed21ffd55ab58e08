import { type RecordBatch, take, type Vector, vectorBuilder } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import { type BadRecordPolicy, type BadRows, type DeadLetter, malformedRecord } from './bad-records.ts'

/** The records of a batch, before bad ones are dealt with. */
export interface ScannedBatch {
  readonly rowCount: number
  /** By position of the wanted column; the corrupt record column is null here. */
  readonly columns: readonly (Vector | null)[]
  readonly bad: BadRows
  /** Text (cut to 10,000 characters) and place of a row. */
  readonly recordOf: (row: number) => { readonly text: string; readonly offset: number }
}

/** Counts of one batch go here: `goodRows`, `badRows`. */
export type Count = (metric: string, amount: number) => void

/**
 * The batch to give out: bad rows throw (FAILFAST), leave (DROPMALFORMED, dead letters) or stay with NULLs
 * and
 * their text in the corrupt record column (PERMISSIVE).
 */
export async function finishBatch(
  scanned: ScannedBatch,
  file: string,
  policy: BadRecordPolicy,
  region: Region,
  count: Count,
): Promise<RecordBatch> {
  const { rowCount, bad } = scanned
  count('goodRows', rowCount - bad.count)
  if (bad.count > 0) {
    count('badRows', bad.count)
    await reportBadRows(scanned, file, policy)
  }
  const columns = scanned.columns.map((column) => column ?? corruptColumn(scanned, region))
  const drops = policy.deadLetter !== null || policy.mode === 'DROPMALFORMED'
  if (bad.count === 0 || !drops) return { rowCount, columns }
  const kept = region.int32(rowCount)
  let keptCount = 0
  for (let row = 0; row < rowCount; row++) if (!bad.reasons.has(row)) kept[keptCount++] = row
  return { rowCount: keptCount, columns: columns.map((column) => take(column, kept, keptCount, region)) }
}

async function reportBadRows(
  { bad, recordOf }: ScannedBatch,
  file: string,
  policy: BadRecordPolicy,
): Promise<void> {
  if (policy.mode !== 'FAILFAST' && policy.deadLetter === null) return
  const rows = [...bad.reasons.keys()].sort((a, b) => a - b)
  for (const row of rows) {
    const { text, offset } = recordOf(row)
    const line = policy.lineOf === null ? undefined : await policy.lineOf(offset)
    const letter: DeadLetter = { file, line, byteOffset: offset, reason: bad.reasons.get(row)!, record: text }
    if (policy.mode === 'FAILFAST') throw malformedRecord(letter)
    await policy.deadLetter?.(letter)
  }
}

function corruptColumn({ rowCount, bad, recordOf }: ScannedBatch, region: Region): Vector {
  const builder = vectorBuilder(types.string, region, rowCount)
  for (let row = 0; row < rowCount; row++) builder.append(bad.reasons.has(row) ? recordOf(row).text : null)
  return builder.finish()
}
