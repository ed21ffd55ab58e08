import type { RecordBatch } from '../../engine/batch/index.ts'
import type { ScanRequest, SourceContext, SourceOptions, SplitPlan } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  type BadRecordPolicy,
  charsetOf,
  type OptionReader,
  type ReadMode,
} from '../../engine/formats/index.ts'
import { type Field, type Schema, types } from '../../engine/types/index.ts'
import { DeadLetterFile, LineCounter } from './dead-letter.ts'
import { type DataFile, globPattern, listDataFiles } from './list-files.ts'
import { pruneFiles, withPartitionColumns } from './partition-columns.ts'
import { planTextSplits, type TextEncodingOptions, type TextSplit } from './text-splits.ts'

/** Options that all text sources share. */
export const TEXT_FILE_OPTIONS = {
  path: { usage: 'file, folder or glob; several are separated by commas' },
  encoding: { usage: 'utf-8, utf-16, utf-16le, utf-16be, iso-8859-1 or windows-1252', default: 'utf-8' },
  charset: { usage: 'the same as encoding' },
  compression: { usage: 'accepted for writers; readers go by the name and first bytes of a file' },
  pathGlobFilter: { usage: 'only files whose name matches' },
  recursiveFileLookup: {
    usage: 'take all files below a folder and ignore partition folders',
    default: 'false',
  },
} as const

/** Options about records that do not fit. */
export const RECORD_OPTIONS = {
  mode: { usage: 'PERMISSIVE, DROPMALFORMED or FAILFAST', default: 'PERMISSIVE' },
  columnNameOfCorruptRecord: { usage: 'column for the text of bad records', default: '_corrupt_record' },
  deadLetterPath: { usage: 'folder for bad records, which then leave the result' },
  samplingRatio: { usage: 'share of the sampled records that a schema is inferred from', default: '1.0' },
  sampleRows: { usage: 'records that a schema is inferred from', default: '10000' },
} as const

/** The options about files and bad records, as values. */
export interface TextFileOptions extends TextEncodingOptions {
  readonly mode: ReadMode
  readonly corruptColumn: string
  readonly deadLetterPath: string | undefined
  readonly sampleRows: number
  readonly sampleStep: number
}

/** Options about files, charset and bad records; CONFIG_INVALID for values that make no sense. */
export function textFileOptions(given: OptionReader, lineBreak: number, multiLine: boolean): TextFileOptions {
  const name = given.text('encoding', 'charset') ?? 'utf-8'
  const charset = charsetOf(name)
  if (charset === undefined)
    throw given.invalid(
      'encoding',
      name,
      'Give utf-8, utf-16, utf-16le, utf-16be, iso-8859-1 or windows-1252.',
    )
  const ratio = given.number('samplingRatio', 1)
  if (ratio === 0 || ratio > 1)
    throw given.invalid('samplingRatio', String(ratio), 'Give a number above 0, up to 1.')
  return {
    charset,
    lineBreak,
    multiLine,
    mode: given.mode(),
    corruptColumn: given.text('columnNameOfCorruptRecord') ?? '_corrupt_record',
    deadLetterPath: given.text('deadLetterPath'),
    sampleRows: given.number('sampleRows', 10_000, 1),
    sampleStep: Math.max(1, Math.round(1 / ratio)),
  }
}

/** The files of a read, after `pathGlobFilter` and `recursiveFileLookup`. */
export async function listTextFiles(
  options: SourceOptions,
  given: OptionReader,
  source: string,
  context: SourceContext,
): Promise<readonly DataFile[]> {
  const path = given.text('path')
  if (path === undefined)
    throw new EngineError('CONFIG_INVALID', `option "path" is missing for source "${source}"`, {
      hint: `Options given: ${Object.keys(options).join(', ') || 'none'}.`,
    })
  const files = await listDataFiles(context.fileSystem(path), path)
  const glob = given.text('pathGlobFilter')
  const pattern = glob === undefined ? null : globPattern(glob)
  const kept =
    pattern === null ? files : files.filter((file) => pattern.test(file.path.split('/').at(-1) ?? ''))
  if (kept.length === 0)
    throw new EngineError('FILE_NOT_FOUND', `path "${path}" has no files that match "${glob}"`)
  return given.flag('recursiveFileLookup', false) ? kept.map((file) => ({ ...file, partition: {} })) : kept
}

/** The splits of a read, after pruning by partition folders. */
export async function planTextFiles(
  files: readonly DataFile[],
  request: ScanRequest,
  text: TextEncodingOptions,
  context: SourceContext,
): Promise<SplitPlan> {
  const { kept, notes } = pruneFiles(files, request)
  return { splits: await planTextSplits(kept, text, context), notes }
}

/** The fields that lie in a file: all but partition columns and the corrupt record column. */
export function fileFieldsOf(schema: Schema, file: DataFile, corruptColumn: string): readonly Field[] {
  return schema.fields.filter(({ name, type }) => {
    return !(name in file.partition) && !(name === corruptColumn && type.kind === types.string.kind)
  })
}

/**
 * Reads one split: sets up what happens to bad records, adds partition columns, and closes what was opened.
 * `readFile` reads the columns of the file that are wanted, in order.
 */
export async function* readTextSplit(
  split: TextSplit,
  request: ScanRequest,
  options: TextFileOptions,
  context: SourceContext,
  readFile: (columns: readonly string[], policy: BadRecordPolicy) => AsyncIterable<RecordBatch>,
): AsyncIterable<RecordBatch> {
  const { file } = split
  const fileColumns = request.columns.filter((name) => !(name in file.partition))
  const lines = new LineCounter(split, options, context)
  const letters =
    options.deadLetterPath === undefined || options.mode === 'FAILFAST'
      ? null
      : new DeadLetterFile(options.deadLetterPath, split, context)
  const policy: BadRecordPolicy = {
    mode: options.mode,
    deadLetter: letters === null ? null : (letter) => letters.write(letter),
    lineOf: (offset) => lines.lineOf(offset),
  }
  const constants = context.createRegion()
  let done = false
  try {
    for await (const batch of readFile(fileColumns, policy)) {
      constants.reset()
      yield withPartitionColumns(
        batch,
        fileColumns,
        request.columns,
        request.schema,
        file.partition,
        constants,
      )
    }
    await letters?.close()
    done = true
  } finally {
    constants.free()
    await lines.close()
    if (!done) await letters?.abort()
  }
}
