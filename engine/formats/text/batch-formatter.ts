import type { RecordBatch } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'

/** Turns batches into the bytes of a text file. */
export interface BatchFormatter {
  /** What a file begins with; may be empty. */
  header(): Uint8Array
  /** The records of a batch; each piece is valid until the next is asked for, as is what lies in `region`. */
  format(batch: RecordBatch, region: Region): Iterable<Uint8Array>
  /** The same, all at once and slowly, for who has no region and few rows. */
  formatPlainly(batch: RecordBatch): Uint8Array
}
