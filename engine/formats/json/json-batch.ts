import type { Vector } from '../../batch/index.ts'
import type { TimeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import type { BadRows } from '../text/bad-records.ts'
import type { TextWindow } from '../text/text-window.ts'
import type { JsonOptions } from './options.ts'

/** Collects the records of one batch after the other. */
export interface JsonBatch {
  /** Records so far. */
  readonly count: number
  readonly bad: BadRows
  /** Whether the text cannot be followed any further. */
  readonly stopped: boolean
  /** Whether the records so far are elements of an array that is not closed. */
  readonly inArray: boolean
  /** Begins a batch without records, in a region that was reset. */
  begin(): void
  /** Adds records of the window and moves its start on; one that is cut off stays. */
  scan(window: TextWindow): void
  /**
   * Makes the text from the window's start to `end` the only record of a batch; nothing of it can be read.
   */
  addBad(window: TextWindow, end: number, reason: string): void
  /** Where the text of a record lies in the window. */
  startOf(row: number): number
  endOf(row: number): number
  /** The columns of the batch. */
  finish(): readonly Vector[]
}

/** What a batch is made with. */
export interface JsonBatchContext {
  /** The columns to read. */
  readonly fields: readonly Field[]
  readonly options: JsonOptions
  readonly zone: TimeZone
  /** Of a batch; of the whole reader. */
  readonly region: Region
  readonly tables: Region
}
