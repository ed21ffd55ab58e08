import { byteOutput } from './byte-output.ts'
import { arrowSink, parquetSink } from './column-sinks.ts'
import type { RowSink, SessionZone } from './run-statement.ts'
import { TableSink } from './table-sink.ts'
import { CsvSink, JsonLinesSink } from './text-sinks.ts'

/** What `--format` may name. */
export const outputFormats = ['table', 'csv', 'json', 'arrow', 'parquet', 'none'] as const

export type OutputFormat = (typeof outputFormats)[number]

export function isOutputFormat(name: string): name is OutputFormat {
  return (outputFormats as readonly string[]).includes(name)
}

/** Whether a format is bytes that a terminal cannot show. */
export function isBinary(format: OutputFormat): boolean {
  return format === 'arrow' || format === 'parquet'
}

/** The ending of files of a format. */
export function extensionOf(format: OutputFormat): string {
  return format === 'table' ? '.txt' : `.${format}`
}

/** The format that the ending of a file name asks for, if any. */
export function formatOfEnding(path: string): OutputFormat | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (ending === 'jsonl' || ending === 'ndjson') return 'json'
  if (ending === 'txt') return 'table'
  if (ending === 'feather' || ending === 'ipc') return 'arrow'
  return isOutputFormat(ending) && ending !== 'table' && ending !== 'none' ? ending : undefined
}

/** A sink that writes rows in a format, to a file or (null) to standard output. */
export function outputSink(format: OutputFormat, path: string | null, zone: SessionZone): RowSink {
  switch (format) {
    case 'table':
      return new TableSink(byteOutput(path), zone, path === null && process.stdout.isTTY === true)
    case 'csv':
      return new CsvSink(byteOutput(path), zone.timeZone)
    case 'json':
      return new JsonLinesSink(byteOutput(path), zone.timeZone)
    case 'arrow':
      return arrowSink(byteOutput(path), zone.timeZone)
    case 'parquet':
      return parquetSink(byteOutput(path))
    case 'none':
      return discard
  }
}

/** Takes rows and forgets them. */
export const discard: RowSink = {
  begin: () => {},
  batch: () => {},
  end: () => {},
  abort: () => {},
}
