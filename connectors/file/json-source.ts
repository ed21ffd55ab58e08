import type {
  SourceContext,
  SourceOptions,
  SplitPlan,
  TableDescription,
  TableSource,
} from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  inferJson,
  JSON_OPTIONS,
  type JsonOptions,
  jsonOptions,
  OptionReader,
  readJson,
} from '../../engine/formats/index.ts'
import { type Field, field, types } from '../../engine/types/index.ts'
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
  ...JSON_OPTIONS,
  ...RECORD_OPTIONS,
  inferSchema: { usage: 'accepted: without a given schema it is always inferred', default: 'true' },
} as const

/** JSON files, plain or gzip: a record a line, or with `multiLine` one value or array a file. */
export const jsonSource: TableSource = {
  name: 'json',
  options: OPTIONS,

  async describe(options, declared, context): Promise<TableDescription> {
    const { given, json, text } = optionsOf(options)
    const files = await listTextFiles(options, given, 'json', context)
    return tableOfFiles(declared?.fields ?? (await inferFields(files, json, text, context)), files)
  },

  async plan(request, context): Promise<SplitPlan> {
    const { given, text } = optionsOf(request.options)
    return planTextFiles(await listTextFiles(request.options, given, 'json', context), request, text, context)
  },

  async *read(splits, request, context) {
    const { json, text } = optionsOf(request.options)
    for (const split of splits) {
      context.checkCancelled()
      const piece = split.data as TextSplit
      const fields = fileFieldsOf(request.schema, piece.file, text.corruptColumn)
      const input = await openSplit(piece, text, context)
      yield* readTextSplit(piece, request, text, context, (columns, policy) => {
        return readJson(
          input,
          { options: json, fields, columns, corruptColumn: text.corruptColumn, policy },
          context,
        )
      })
    }
  },
}

function optionsOf(options: SourceOptions): {
  given: OptionReader
  json: JsonOptions
  text: TextFileOptions
} {
  const given = new OptionReader(options, OPTIONS, 'json')
  const json = jsonOptions(given)
  // Lines of a file are cut at LF only, as the reader does.
  return {
    given,
    json,
    text: textFileOptions(given, json.lineBreak < 0 ? 10 : json.lineBreak, json.multiLine),
  }
}

/**
 * The columns of the first file that has records. A malformed one in the sample adds the corrupt record
 * column.
 */
async function inferFields(
  files: readonly DataFile[],
  json: JsonOptions,
  text: TextFileOptions,
  context: SourceContext,
): Promise<readonly Field[]> {
  const inference = { options: json, sampleRows: text.sampleRows, sampleStep: text.sampleStep }
  for (const file of files) {
    if (file.sizeBytes === 0) continue
    const input = await openWhole(file, text, context)
    const inferred = await inferJson(input, inference, context)
    if (inferred === null) continue
    const keepsText =
      inferred.hasBadRecords && text.mode === 'PERMISSIVE' && text.deadLetterPath === undefined
    const known = inferred.fields.some(({ name }) => name === text.corruptColumn)
    return keepsText && !known
      ? [field(text.corruptColumn, types.string), ...inferred.fields]
      : inferred.fields
  }
  throw new EngineError(
    'SCHEMA_MISMATCH',
    `the columns of "${files[0]!.path}" cannot be told: it has no records`,
    {
      hint: 'Give a schema.',
    },
  )
}
