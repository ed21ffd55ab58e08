import {
  EngineError,
  type ErrorData,
  type ErrorPosition,
  errorFromData,
  errorToData,
  isErrorCode,
} from '../../engine/errors.ts'
import { decodePlain, encodePlain } from './plain.ts'

/** An error as bytes of a message. What is not an EngineError becomes INTERNAL_ERROR. */
export function encodeError(error: unknown): Uint8Array {
  return encodePlain(errorToData(error))
}

/** The ErrorData that `encodeError` or `encodePlain` was given; PROTOCOL_ERROR if the bytes are none. */
export function decodeErrorData(bytes: Uint8Array): ErrorData {
  const value = decodePlain(bytes)
  if (!isRecord(value) || !isErrorCode(value['code']) || typeof value['message'] !== 'string')
    throw new EngineError('PROTOCOL_ERROR', 'malformed message: not an error of a known kind')
  const { code, message, hint, position, stack, cause } = value
  return {
    code,
    message,
    hint: textOf(hint),
    position: isRecord(position) ? positionOf(position) : undefined,
    stack: textOf(stack),
    cause: isRecord(cause)
      ? {
          name: textOf(cause['name']) ?? 'Error',
          message: textOf(cause['message']) ?? '',
          stack: textOf(cause['stack']),
        }
      : undefined,
  }
}

/** The error itself. */
export function decodeError(bytes: Uint8Array): EngineError {
  return errorFromData(decodeErrorData(bytes))
}

function positionOf(value: Record<string, unknown>): ErrorPosition {
  const position: { -readonly [Key in keyof ErrorPosition]: ErrorPosition[Key] } = {}
  if (typeof value['file'] === 'string') position.file = value['file']
  for (const key of ['line', 'column', 'offset'] as const) {
    const number = value[key]
    if (typeof number === 'number') position[key] = number
  }
  return position
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
