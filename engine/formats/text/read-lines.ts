import { isUtf8 } from 'node:buffer'
import { BATCH_ROWS, bytesVector, type RecordBatch, vectorBuilder } from '../../batch/index.ts'
import type { SourceContext } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import type { ByteInput } from './byte-input.ts'
import { TextWindow } from './text-window.ts'

/** How text becomes rows. */
export interface LineRequest {
  /** Byte that ends a line; -1: LF, CR or CRLF. */
  readonly lineBreak: number
  /** The whole input is one row. */
  readonly wholeText: boolean
  readonly maxLineBytes: number
}

/**
 * The lines of an input as batches of one string column, each valid until the next is asked for. Bytes that
 * are no
 * UTF-8 become U+FFFD. MALFORMED_RECORD for a line above `maxLineBytes`. Closes the input.
 */
export async function* readLines(
  input: ByteInput,
  request: LineRequest,
  context: SourceContext,
): AsyncIterable<RecordBatch> {
  const region = context.createRegion()
  const window = new TextWindow(input, () => context.createRegion(), request.maxLineBytes)
  const starts = new Int32Array(BATCH_ROWS)
  const ends = new Int32Array(BATCH_ROWS)
  try {
    for (;;) {
      context.checkCancelled()
      let count = request.wholeText
        ? scanWhole(window, starts, ends)
        : scanLines(window, request.lineBreak, starts, ends)
      if (count === 0 && !window.atEnd) {
        if (window.isFull) throw tooLong(input.file, window.offsetOf(window.start), request.maxLineBytes)
        await window.fill()
        count = request.wholeText
          ? scanWhole(window, starts, ends)
          : scanLines(window, request.lineBreak, starts, ends)
      }
      if (count === 0 && window.atEnd) return
      if (count === 0) continue
      region.reset()
      context.count('goodRows', count)
      yield lineBatch(window.bytes, starts, ends, count, region)
      if (request.wholeText) return
    }
  } finally {
    window.free()
    region.free()
    await input.close()
  }
}

function tooLong(file: string, offset: number, maxBytes: number): EngineError {
  return new EngineError(
    'MALFORMED_RECORD',
    `line at byte ${offset} of "${file}" is longer than ${maxBytes} bytes`,
    {
      position: { file, offset },
      hint: 'Set option maxLineBytes higher.',
    },
  )
}

function scanWhole(window: TextWindow, starts: Int32Array, ends: Int32Array): number {
  if (!window.atEnd) return 0
  starts[0] = window.start
  ends[0] = window.end
  window.start = window.end
  return 1
}

/** Notes the whole lines of the window and steps over them; gives their number. */
function scanLines(window: TextWindow, lineBreak: number, starts: Int32Array, ends: Int32Array): number {
  const { bytes, end, atEnd } = window
  let count = 0
  let at = window.start
  while (at < end && count < starts.length) {
    let stop = at
    while (stop < end) {
      const byte = bytes[stop]!
      if (lineBreak >= 0 ? byte === lineBreak : byte <= 13 && (byte === 10 || byte === 13)) break
      stop++
    }
    if (stop >= end && !atEnd) break
    const isReturn = lineBreak < 0 && stop < end && bytes[stop] === 13
    if (isReturn && stop + 1 >= end && !atEnd) break
    starts[count] = at
    ends[count] = stop
    count++
    at = Math.min(end, isReturn && bytes[stop + 1] === 10 && stop + 1 < end ? stop + 2 : stop + 1)
  }
  window.start = at
  return count
}

function lineBatch(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
  region: Region,
): RecordBatch {
  const first = starts[0]!
  const last = ends[count - 1]!
  if (!isUtf8(bytes.subarray(first, last))) return repairedBatch(bytes, starts, ends, count, region)
  const offsets = region.int32(count + 1)
  let used = 0
  for (let row = 0; row < count; row++) {
    offsets[row] = used
    used += ends[row]! - starts[row]!
  }
  offsets[count] = used
  const out = region.uint8(used)
  for (let row = 0; row < count; row++) {
    const start = starts[row]!
    const end = ends[row]!
    if (end - start > 64) out.set(bytes.subarray(start, end), offsets[row]!)
    else for (let from = start, to = offsets[row]!; from < end; from++, to++) out[to] = bytes[from]!
  }
  return { rowCount: count, columns: [bytesVector(types.string, count, offsets, out)] }
}

/** Decoding and encoding puts U+FFFD where the bytes are no UTF-8. */
function repairedBatch(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
  region: Region,
): RecordBatch {
  const builder = vectorBuilder(types.string, region, count)
  for (let row = 0; row < count; row++)
    builder.append(Buffer.from(bytes.subarray(starts[row]!, ends[row]!)).toString('utf8'))
  return { rowCount: count, columns: [builder.finish()] }
}
