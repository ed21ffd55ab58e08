import { EngineError } from '../../errors.ts'

/** Where in a file something was read: for decompressed bytes, where their page starts. */
export interface Place {
  readonly path: string
  readonly offset: number
}

/** CORRUPT_FILE with path and offset. */
export function corrupt(place: Place, message: string, cause?: unknown): EngineError {
  const { path, offset } = place
  return new EngineError('CORRUPT_FILE', `file "${path}" is corrupt at byte ${offset}: ${message}`, {
    position: { file: path, offset },
    cause,
    hint: 'The file is damaged, cut off or no Parquet file; get it again from its source.',
  })
}

/** UNSUPPORTED_FEATURE with path and offset. */
export function unsupported(place: Place, feature: string, hint?: string): EngineError {
  const { path, offset } = place
  return new EngineError('UNSUPPORTED_FEATURE', `file "${path}" uses ${feature}, which is not supported`, {
    position: { file: path, offset },
    hint,
  })
}
