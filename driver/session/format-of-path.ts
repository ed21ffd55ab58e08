import type { SourceOptions } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/** Which source reads a path, by its ending (`.gz` aside), and with which options a table is usually meant. */
export function formatOfPath(path: string): { readonly source: string; readonly options: SourceOptions } {
  const ending = /\.(\w+)(?:\.gz)?\/?$/i.exec(path)?.[1]?.toLowerCase()
  switch (ending) {
    case 'csv':
      return { source: 'csv', options: { path, header: 'true', inferSchema: 'true' } }
    case 'tsv':
      return { source: 'csv', options: { path, header: 'true', inferSchema: 'true', sep: '\t' } }
    case 'json':
    case 'jsonl':
    case 'ndjson':
      return { source: 'json', options: { path } }
    case 'txt':
    case 'log':
      return { source: 'text', options: { path } }
    case 'parquet':
    case undefined:
      return { source: 'parquet', options: { path } }
    default:
      throw new EngineError('CONFIG_INVALID', `the ending of "${path}" tells no format`, {
        hint: 'Endings are .parquet, .csv, .tsv, .json, .jsonl and .txt, with .gz or without; a folder is taken for Parquet.',
      })
  }
}
