import { asBuffer, type RecordBatch } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import { timeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import { type BadRecordPolicy, MAX_RECORD_CHARS } from '../text/bad-records.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { finishBatch } from '../text/finish-batch.ts'
import { TextWindow } from '../text/text-window.ts'
import { FieldBatch } from './field-batch.ts'
import type { JsonBatch, JsonBatchContext } from './json-batch.ts'
import type { JsonOptions } from './options.ts'
import { PlainBatch } from './plain-batch.ts'

/** What is read from a JSON input. */
export interface JsonReadRequest {
  readonly options: JsonOptions
  /** Columns of the file. */
  readonly fields: readonly Field[]
  /** Names of the columns wanted, in order. */
  readonly columns: readonly string[]
  /** Column that gets the text of bad records; it is none of the file. */
  readonly corruptColumn: string
  readonly policy: BadRecordPolicy
}

/** The records of an input as batches, each valid until the next is asked for. Closes the input. */
export function readJson(
  input: ByteInput,
  request: JsonReadRequest,
  context: SourceContext,
): AsyncIterable<RecordBatch> {
  return readJsonBatches(input, request, context, (batch) =>
    isUsual(request.options) ? new FieldBatch(batch) : new PlainBatch(batch),
  )
}

/** Whether records are lines that end with LF, and places in them fit into a field. */
function isUsual({ multiLine, lineBreak, maxLineBytes }: JsonOptions): boolean {
  return !multiLine && (lineBreak < 0 || lineBreak === 10) && maxLineBytes < 1 << 29
}

/** As `readJson`, with records collected in a batch of one's choice. */
export async function* readJsonBatches(
  input: ByteInput,
  request: JsonReadRequest,
  context: SourceContext,
  makeBatch: (context: JsonBatchContext) => JsonBatch,
): AsyncIterable<RecordBatch> {
  const tables = context.createRegion()
  const region = context.createRegion()
  const window = new TextWindow(input, () => context.createRegion(), request.options.maxLineBytes)
  try {
    const { options } = request
    const fields = fieldsToRead(request)
    const batch = makeBatch({ fields, options, zone: timeZone(context.settings.timeZone), region, tables })
    const names = fields.map(({ name }) => name)
    const reader = new JsonReader({ file: input.file, names, window, region, batch }, request, context)
    for (;;) {
      const next = await reader.next()
      if (next === null) return
      if (next.rowCount > 0) yield next
    }
  } finally {
    window.free()
    region.free()
    tables.free()
    await input.close()
  }
}

/** The columns wanted, or all where bad values decide about rows. */
function fieldsToRead({ fields, columns, policy, corruptColumn }: JsonReadRequest): readonly Field[] {
  const all = policy.mode !== 'PERMISSIVE' || policy.deadLetter !== null || columns.includes(corruptColumn)
  return all ? fields : fields.filter(({ name }) => columns.includes(name))
}

interface JsonReaderParts {
  readonly file: string
  /** Names of the columns that are read. */
  readonly names: readonly string[]
  readonly window: TextWindow
  readonly region: Region
  readonly batch: JsonBatch
}

class JsonReader {
  readonly #parts: JsonReaderParts
  readonly #request: JsonReadRequest
  readonly #context: SourceContext

  constructor(parts: JsonReaderParts, request: JsonReadRequest, context: SourceContext) {
    this.#parts = parts
    this.#request = request
    this.#context = context
  }

  /** The next records, null at the end. A batch may be empty. */
  async next(): Promise<RecordBatch | null> {
    const { window, region, batch } = this.#parts
    if (batch.stopped || (window.atEnd && window.start >= window.end && !batch.inArray)) return null
    this.#context.checkCancelled()
    region.reset()
    batch.begin()
    batch.scan(window)
    if (batch.count === 0 && !window.atEnd && !batch.stopped) {
      if (window.isFull) return this.#tooLong()
      await window.fill()
      batch.scan(window)
    }
    return this.#finish()
  }

  /**
   * A record that does not fit into the largest window is bad as a whole; reading goes on with the next line.
   */
  async #tooLong(): Promise<RecordBatch> {
    const { window, batch } = this.#parts
    const cut = Math.min(window.end, window.start + 4 * MAX_RECORD_CHARS)
    batch.addBad(window, cut, 'record is longer than maxLineBytes')
    const finished = await this.#finish()
    const lineBreak = this.#request.options.lineBreak < 0 ? 10 : this.#request.options.lineBreak
    for (;;) {
      const at = asBuffer(window.bytes).indexOf(lineBreak, window.start)
      const found = at >= 0 && at < window.end
      window.start = found ? at + 1 : window.end
      if (found || window.atEnd || batch.stopped) return finished
      await window.fill()
    }
  }

  async #finish(): Promise<RecordBatch> {
    const { columns, policy, corruptColumn } = this.#request
    const { file, names, region, batch } = this.#parts
    const vectors = batch.finish()
    const scanned = {
      rowCount: batch.count,
      columns: columns.map((name) => (name === corruptColumn ? null : vectors[names.indexOf(name)]!)),
      bad: batch.bad,
      recordOf: (row: number) => this.#recordOf(row),
    }
    const count = (metric: string, amount: number): void => this.#context.count(metric, amount)
    return finishBatch(scanned, file, policy, region, count)
  }

  #recordOf(row: number): { text: string; offset: number } {
    const { window, batch } = this.#parts
    const start = batch.startOf(row)
    const end = Math.min(batch.endOf(row), start + 4 * MAX_RECORD_CHARS)
    const text = Buffer.from(window.bytes.subarray(start, end)).toString('utf8').slice(0, MAX_RECORD_CHARS)
    return { text, offset: window.offsetOf(start) }
  }
}
