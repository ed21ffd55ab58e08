import { EngineError } from '../../errors.ts'

/** What is done with records that do not fit. */
export type ReadMode = 'PERMISSIVE' | 'DROPMALFORMED' | 'FAILFAST'

/** One record set aside. */
export interface DeadLetter {
  readonly file: string
  /** Line in the file, from 1; undefined where it is not known. */
  readonly line: number | undefined
  readonly byteOffset: number
  readonly reason: string
  /** The text, at most `MAX_RECORD_CHARS` characters of it. */
  readonly record: string
}

/** Most characters of a record that a dead letter or an error repeats. */
export const MAX_RECORD_CHARS = 10_000

/** What a reader is told about bad records, and whom it tells. */
export interface BadRecordPolicy {
  readonly mode: ReadMode
  /** Takes records out of the result; null: rows stay, with NULLs (PERMISSIVE), or are dropped. */
  readonly deadLetter: ((letter: DeadLetter) => Promise<void>) | null
  /**
   * Line number, from 1, of an offset of the (unpacked) file; reads the file again, so only asked on errors.
   */
  readonly lineOf: ((offset: number) => Promise<number | undefined>) | null
}

/** The first fault of each bad row of a batch. */
export class BadRows {
  readonly reasons = new Map<number, string>()

  /** Notes that a row does not fit; the first reason stays. */
  mark(row: number, reason: string): void {
    if (!this.reasons.has(row)) this.reasons.set(row, reason)
  }

  get count(): number {
    return this.reasons.size
  }

  clear(): void {
    this.reasons.clear()
  }
}

/** MALFORMED_RECORD with file, line, offset and reason, for FAILFAST. */
export function malformedRecord(letter: DeadLetter): EngineError {
  const { file, line, byteOffset, reason, record } = letter
  const place = line === undefined ? `byte ${byteOffset}` : `line ${line}, byte ${byteOffset}`
  const shown = record.length > 200 ? `${record.slice(0, 200)}…` : record
  return new EngineError('MALFORMED_RECORD', `malformed record in "${file}", ${place}: ${reason}: ${shown}`, {
    position: { file, offset: byteOffset, ...(line === undefined ? {} : { line }) },
    hint: 'Read with mode PERMISSIVE or DROPMALFORMED, or a deadLetterPath, to go on after such records.',
  })
}
