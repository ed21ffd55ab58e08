import type { RecordBatch } from '../../batch/index.ts'

/** Turns batches into the bytes of a text file. */
export interface BatchFormatter {
  /** What a file begins with; may be empty. */
  header(): Uint8Array
  /** The records of a batch. */
  format(batch: RecordBatch): Uint8Array
}
