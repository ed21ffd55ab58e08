import type {
  SourceContext,
  SourceOptions,
  SplitPlan,
  TableDescription,
  TableSource,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  CSV_OPTIONS,
  type CsvOptions,
  csvOptions,
  inferCsv,
  OptionReader,
  readCsv,
} from '../../engine/formats/index.ts'
import type { Field } from '../../engine/types/index.ts'
import type { DataFile } from './list-files.ts'
import { tableOfFiles } from './partition-columns.ts'
import {
  fileFieldsOf,
  listTextFiles,
  planTextFiles,
  RECORD_OPTIONS,
  readTextSplit,
  TEXT_FILE_OPTIONS,
  type TextFileOptions,
  textFileOptions,
} from './text-files.ts'
import { openSplit, openWhole, type TextSplit } from './text-splits.ts'

const OPTIONS = {
  ...TEXT_FILE_OPTIONS,
  ...CSV_OPTIONS,
  ...RECORD_OPTIONS,
  inferSchema: { usage: 'infer types from a sample; otherwise columns are strings', default: 'false' },
  enforceSchema: { usage: 'a given schema rules, by position; the header is skipped', default: 'true' },
} as const

/**
 * CSV files, plain or gzip: a file, a folder, a glob, or folders by partition. Each file has its own header.
 */
export const csvSource: TableSource = {
  name: 'csv',
  options: OPTIONS,

  async describe(options, declared, context): Promise<TableDescription> {
    const { given, csv, text } = optionsOf(options)
    const files = await listTextFiles(options, given, 'csv', context)
    return tableOfFiles(declared?.fields ?? (await inferFields(files, given, csv, text, context)), files)
  },

  async plan(request, context): Promise<SplitPlan> {
    const { given, text } = optionsOf(request.options)
    return planTextFiles(await listTextFiles(request.options, given, 'csv', context), request, text, context)
  },

  async *read(splits, request, context) {
    const { given, csv, text } = optionsOf(request.options)
    const checkHeader = !given.flag('enforceSchema', true)
    for (const split of splits) {
      context.checkCancelled()
      const piece = split.data as TextSplit
      const fields = fileFieldsOf(request.schema, piece.file, text.corruptColumn)
      const input = await openSplit(piece, text, context)
      yield* readTextSplit(piece, request, text, context, (columns, policy) => {
        const skipHeader = csv.header && piece.start === 0
        return readCsv(
          input,
          {
            options: csv,
            fields,
            columns,
            corruptColumn: text.corruptColumn,
            skipHeader,
            checkHeader,
            policy,
          },
          context,
        )
      })
    }
  },
}

function optionsOf(options: SourceOptions): { given: OptionReader; csv: CsvOptions; text: TextFileOptions } {
  const given = new OptionReader(options, OPTIONS, 'csv')
  const csv = csvOptions(given)
  return { given, csv, text: textFileOptions(given, csv.dialect.lineBreak, csv.dialect.multiLine) }
}

/** The columns of the first file that has any. */
async function inferFields(
  files: readonly DataFile[],
  given: OptionReader,
  csv: CsvOptions,
  text: TextFileOptions,
  context: SourceContext,
): Promise<readonly Field[]> {
  const inference = {
    options: csv,
    inferTypes: given.flag('inferSchema', false),
    sampleRows: text.sampleRows,
    sampleStep: text.sampleStep,
  }
  for (const file of files) {
    if (file.sizeBytes === 0) continue
    const input = await openWhole(file, text, context)
    const fields = await inferCsv(input, inference, context)
    if (fields !== null) return fields
  }
  throw new EngineError('SCHEMA_MISMATCH', `the columns of "${files[0]!.path}" cannot be told: it is empty`, {
    hint: 'Give a schema.',
  })
}
