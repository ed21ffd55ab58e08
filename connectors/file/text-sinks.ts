import { gzipSync } from 'node:zlib'
import type { SourceOptions, TableSink } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import {
  type BatchFormatter,
  CSV_WRITE_OPTIONS,
  csvWriter,
  JSON_WRITE_OPTIONS,
  jsonWriter,
} from '../../engine/formats/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { FileFormat } from './file-format.ts'
import { fileSink } from './file-sink.ts'

type MakeFormatter = (
  schema: Schema,
  options: SourceOptions,
  settings: { readonly timeZone: string },
) => BatchFormatter

/** CSV files. */
export const csvSink: TableSink = fileSink(textFormat('csv', CSV_WRITE_OPTIONS, csvWriter))

/** Files of JSON lines. */
export const jsonSink: TableSink = fileSink(textFormat('json', JSON_WRITE_OPTIONS, jsonWriter))

function textFormat(name: string, options: FileFormat['options'], make: MakeFormatter): FileFormat {
  return {
    name,
    options,
    extension: (given) => (isGzip(given) ? `.${name}.gz` : `.${name}`),
    open(schema, given, out, context) {
      const pack = isGzip(given) ? (bytes: Uint8Array) => gzipSync(bytes) : (bytes: Uint8Array) => bytes
      const { path: _, ...rest } = Object.fromEntries(
        Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]),
      )
      const formatter = make(schema, rest, context.settings)
      let begun = false
      const begin = async (): Promise<void> => {
        begun = true
        const header = formatter.header()
        if (header.length > 0) await out.write(pack(header))
      }
      return {
        async append(batch, scratch) {
          if (!begun) await begin()
          // Every piece is a gzip member of its own: readers take members one after the other as one file.
          for (const piece of formatter.format(batch, scratch)) await out.write(pack(piece))
        },
        async finish() {
          if (!begun) await begin()
        },
      }
    },
  }
}

function isGzip(options: SourceOptions): boolean {
  const found = Object.entries(options).find(([key]) => key.toLowerCase() === 'compression')
  const codec = found?.[1].toLowerCase() ?? 'none'
  if (codec === 'gzip' || codec === 'gz') return true
  if (codec === 'none' || codec === 'uncompressed') return false
  throw new EngineError('CONFIG_INVALID', `option "compression" cannot be "${codec}" for text files`, {
    hint: 'Give none or gzip.',
  })
}
