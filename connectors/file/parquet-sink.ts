import type { SourceOptions, TableSink } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  ParquetWriter,
  type ParquetWriterOptions,
  type WriteCodec,
} from '../../engine/formats/parquet/index.ts'
import type { FileFormat } from './file-format.ts'
import { fileSink } from './file-sink.ts'

/** Spark's name of a codec, what we call it, and its part in the names of files. */
const CODECS: Readonly<Record<string, readonly [codec: WriteCodec, ending: string]>> = {
  snappy: ['snappy', '.snappy'],
  none: ['uncompressed', ''],
  uncompressed: ['uncompressed', ''],
  gzip: ['gzip', '.gz'],
  zstd: ['zstd', '.zstd'],
  brotli: ['brotli', '.br'],
  lz4_raw: ['lz4_raw', '.lz4raw'],
}

/** How rows become Parquet files. */
export const parquetFormat: FileFormat = {
  name: 'parquet',
  options: {
    compression: { usage: `codec of pages: ${Object.keys(CODECS).join(', ')}`, default: 'snappy' },
    rowgrouprows: { usage: 'most rows of a row group', default: '1048576' },
    bloomfiltercolumns: { usage: 'columns with a bloom filter, separated by commas' },
  },
  extension: (options) => `${codecOf(options)[1]}.parquet`,
  open: (schema, options, out) => new ParquetWriter(schema, out, writerOptions(options)),
}

/** Parquet files. */
export const parquetSink: TableSink = fileSink(parquetFormat)

function codecOf(options: SourceOptions): readonly [codec: WriteCodec, ending: string] {
  const name = (optionOf(options, 'compression') ?? 'snappy').toLowerCase()
  const found = CODECS[name]
  if (found !== undefined) return found
  throw new EngineError('CONFIG_INVALID', `compression "${name}" does not exist for Parquet`, {
    hint: `There are: ${Object.keys(CODECS).join(', ')}.`,
  })
}

/** Names of options ignore case. */
function optionOf(options: SourceOptions, name: string): string | undefined {
  return Object.entries(options).find(([key]) => key.toLowerCase() === name)?.[1]
}

function writerOptions(options: SourceOptions): ParquetWriterOptions {
  const rows = optionOf(options, 'rowgrouprows')
  const bloom = optionOf(options, 'bloomfiltercolumns')
  if (rows !== undefined && !/^[1-9]\d*$/.test(rows))
    throw new EngineError(
      'CONFIG_INVALID',
      `option "rowGroupRows" takes a whole number from 1, not "${rows}"`,
    )
  return {
    codec: codecOf(options)[0],
    ...(rows === undefined ? {} : { rowGroupRows: Number(rows) }),
    ...(bloom === undefined ? {} : { bloomFilterColumns: bloom.split(',').map((name) => name.trim()) }),
  }
}
