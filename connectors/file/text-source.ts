import type { RecordBatch } from '../../engine/batch/index.ts'
import type { SourceOptions, SplitPlan, TableDescription, TableSource } from '../../engine/connect/index.ts'
import { type LineRequest, lineBreakOf, OptionReader, readLines } from '../../engine/formats/index.ts'
import { field, type Schema, types } from '../../engine/types/index.ts'
import { tableOfFiles } from './partition-columns.ts'
import {
  listTextFiles,
  planTextFiles,
  readTextSplit,
  TEXT_FILE_OPTIONS,
  type TextFileOptions,
  textFileOptions,
} from './text-files.ts'
import { openSplit, type TextSplit } from './text-splits.ts'

const OPTIONS = {
  ...TEXT_FILE_OPTIONS,
  wholetext: { usage: 'each file is one row', default: 'false' },
  lineSep: { usage: 'character that ends a line; default: LF, CR or CRLF' },
  maxLineBytes: { usage: 'longest line; longer ones are an error', default: '67108864' },
} as const

const LINES: Schema = { fields: [field('value', types.string)] }

/** Text files, plain or gzip: one string column `value`, a row a line. */
export const textSource: TableSource = {
  name: 'text',
  options: OPTIONS,

  async describe(options, declared, context): Promise<TableDescription> {
    const { given } = optionsOf(options)
    const files = await listTextFiles(options, given, 'text', context)
    return tableOfFiles((declared ?? LINES).fields, files)
  },

  async plan(request, context): Promise<SplitPlan> {
    const { given, text } = optionsOf(request.options)
    return planTextFiles(await listTextFiles(request.options, given, 'text', context), request, text, context)
  },

  async *read(splits, request, context) {
    const { text, lines } = optionsOf(request.options)
    for (const split of splits) {
      context.checkCancelled()
      const piece = split.data as TextSplit
      const input = await openSplit(piece, text, context)
      yield* readTextSplit(piece, request, text, context, (columns) =>
        wanted(readLines(input, lines, context), columns),
      )
    }
  },
}

/** Without the column where only rows are counted, twice where it is asked for twice. */
async function* wanted(
  batches: AsyncIterable<RecordBatch>,
  columns: readonly string[],
): AsyncIterable<RecordBatch> {
  for await (const batch of batches)
    yield { rowCount: batch.rowCount, columns: columns.map(() => batch.columns[0]!) }
}

function optionsOf(options: SourceOptions): {
  given: OptionReader
  text: TextFileOptions
  lines: LineRequest
} {
  const given = new OptionReader(options, OPTIONS, 'text')
  const lineBreak = lineBreakOf(given)
  const wholeText = given.flag('wholetext', false)
  const maxLineBytes = given.number('maxLineBytes', 64 << 20, 64)
  return {
    given,
    text: textFileOptions(given, lineBreak, wholeText),
    lines: { lineBreak, wholeText, maxLineBytes },
  }
}
