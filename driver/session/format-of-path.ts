import { listDataFiles } from '../../connectors/file/index.ts'
import { fileSystemOf } from '../../connectors/index.ts'
import type { SourceOptions } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/** Which source reads a path, and with which options. */
export interface PathFormat {
  readonly source: string
  readonly options: SourceOptions
}

/**
 * The format of a path by its ending (`.gz` aside), or, of a folder or a glob without one, by that of its
 * first data file. Options of the source may follow: `sales.csv?sep=;&header=false`. CONFIG_INVALID if no
 * ending tells, FILE_NOT_FOUND if there is no file.
 */
export async function formatOfPath(definition: string): Promise<PathFormat> {
  const [path, given] = splitOptions(definition)
  const named = formatOfEnding(path) ?? formatOfEnding(await firstFile(path))
  const { format = named?.source, ...options } = given
  if (format === undefined)
    throw new EngineError('CONFIG_INVALID', `the ending of "${path}" tells no format`, {
      hint: 'Endings are .parquet, .csv, .tsv, .json, .jsonl, .txt, these and .gz. Or say PATH?format=csv.',
    })
  const usual = named?.source === format ? named.options : usualOptions(format)
  return { source: format, options: { ...usual, ...options, path } }
}

/**
 * What follows a `?` of the form `name=value&…` are options; any other `?` belongs to a glob or an address.
 */
function splitOptions(definition: string): readonly [path: string, options: SourceOptions] {
  const match = /^(.*?)\?((?:\w+=[^&]*)(?:&\w+=[^&]*)*)$/.exec(definition)
  if (match === null || /^https?:/i.test(definition)) return [definition, {}]
  const pairs = match[2]!.split('&').map((pair) => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const
  })
  return [match[1]!, Object.fromEntries(pairs)]
}

async function firstFile(path: string): Promise<string> {
  const files = await listDataFiles(fileSystemOf(path), path)
  return files[0]?.path ?? ''
}

function formatOfEnding(path: string): PathFormat | undefined {
  const ending = /\.(\w+)(?:\.gz)?$/i.exec(path.split(',')[0]!)?.[1]?.toLowerCase()
  switch (ending) {
    case 'csv':
      return { source: 'csv', options: usualOptions('csv') }
    case 'tsv':
      return { source: 'csv', options: { ...usualOptions('csv'), sep: '\t' } }
    case 'json':
    case 'jsonl':
    case 'ndjson':
      return { source: 'json', options: {} }
    case 'txt':
    case 'log':
      return { source: 'text', options: {} }
    case 'parquet':
      return { source: 'parquet', options: {} }
    default:
      return undefined
  }
}

/** A CSV file is meant with its header, and with types. */
function usualOptions(source: string): SourceOptions {
  return source === 'csv' ? { header: 'true', inferSchema: 'true' } : {}
}
