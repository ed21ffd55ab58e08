/** The edges: what rows come from and go to, by name. The only list of connectors. Start with file/. */
import type { FileSystem, TableSink, TableSource } from '../engine/connect/index.ts'
import { EngineError, nearestNames } from '../engine/errors.ts'
import { deltaSink, deltaSource } from './delta/index.ts'
import {
  csvSink,
  csvSource,
  httpFileSystem,
  jsonSink,
  jsonSource,
  localFileSystem,
  parquetSink,
  parquetSource,
  textSource,
} from './file/index.ts'
import { kafkaSource } from './kafka/index.ts'
import { logSource } from './log/index.ts'
import { memorySource } from './memory/index.ts'
import { rateSource } from './rate/index.ts'

const sources: Readonly<Record<string, TableSource>> = {
  csv: csvSource,
  delta: deltaSource,
  json: jsonSource,
  kafka: kafkaSource,
  log: logSource,
  memory: memorySource,
  parquet: parquetSource,
  rate: rateSource,
  text: textSource,
}

const sinks: Readonly<Record<string, TableSink>> = {
  csv: csvSink,
  delta: deltaSink,
  json: jsonSink,
  parquet: parquetSink,
}

/** The source of a name, such as `parquet`; DATA_SOURCE_NOT_FOUND names those there are. */
export function sourceOf(name: string): TableSource {
  return lookup(sources, name, 'data source')
}

/** The sink of a name; DATA_SOURCE_NOT_FOUND names those there are. */
export function sinkOf(name: string): TableSink {
  return lookup(sinks, name, 'data sink')
}

function lookup<T>(list: Readonly<Record<string, T>>, name: string, kind: string): T {
  const found = list[name.toLowerCase()]
  if (found !== undefined) return found
  const near = nearestNames(name, Object.keys(list))[0]
  throw new EngineError('DATA_SOURCE_NOT_FOUND', `${kind} "${name}" does not exist`, {
    hint: near === undefined ? `There are: ${Object.keys(list).join(', ')}.` : `Did you mean "${near}"?`,
  })
}

/** The file system that a path belongs to, by its scheme. */
export function fileSystemOf(path: string): FileSystem {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file') return localFileSystem
  if (scheme === 'http' || scheme === 'https') return httpFileSystem
  throw new EngineError('UNSUPPORTED_FEATURE', `paths that begin with "${scheme}:"`, {
    hint: 'Plain paths, file:, http: and https: URLs are read.',
  })
}
