import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { EngineError, type ErrorCode, errorFromData, errorToData } from '../../engine/errors.ts'
import { decodeErrorData, encodePlain } from '../messages/index.ts'

/** Trailer that carries an EngineError whole. */
const ERROR_KEY = 'millrace-error-bin'

/** Headers have a bound of 16 KB in all; a longer message is cut. */
const MAX_MESSAGE_LENGTH = 2000

/** What a server ends a call with. */
export interface CallStatus {
  readonly code: status
  readonly details: string
  readonly metadata: Metadata
}

/** An error as the end of a call: a code that any gRPC client knows, and the error itself for ours. */
export function statusOf(error: unknown): CallStatus {
  const { code, message } = errorToData(error)
  const metadata = new Metadata()
  metadata.set(ERROR_KEY, Buffer.from(errorBytes(error)))
  return { code: statusCodeOf(code), details: cut(message), metadata }
}

/** An error as it goes to a caller: without the stack of this process. */
export function errorBytes(error: unknown): Uint8Array {
  const { code, message, hint, position } = errorToData(error)
  return encodePlain({ code, message: cut(message), hint: hint === undefined ? hint : cut(hint), position })
}

/**
 * The error that ended a call to `address`. One of a millrace server is what its handler threw; others are
 * CLUSTER_UNREACHABLE (also for a connection that broke), DEADLINE_EXCEEDED, CANCELLED, UNAUTHENTICATED,
 * PERMISSION_DENIED, NOT_FOUND, RESOURCES_EXHAUSTED and PROTOCOL_ERROR.
 */
export function errorOfStatus(
  {
    code,
    details,
    metadata,
  }: Pick<StatusObject, 'code' | 'details'> & { readonly metadata?: Metadata | undefined },
  address: string,
): EngineError {
  const data = metadata?.get(ERROR_KEY)[0]
  if (Buffer.isBuffer(data)) return errorFromData(decodeErrorData(data))
  const isBroken = code === status.INTERNAL && /RST_STREAM|ECONNRESET|EPIPE|ETIMEDOUT|socket/i.test(details)
  const engineCode = isBroken ? 'CLUSTER_UNREACHABLE' : (CODES.get(code) ?? 'PROTOCOL_ERROR')
  return new EngineError(
    engineCode,
    `${MESSAGES[engineCode] ?? 'the call failed at'} "${address}": ${details}`,
    {
      hint: HINTS[engineCode],
    },
  )
}

const CODES: ReadonlyMap<status, ErrorCode> = new Map<status, ErrorCode>([
  [status.UNAVAILABLE, 'CLUSTER_UNREACHABLE'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  // By the server, which closes: what a caller cancels itself is no matter of statuses.
  [status.CANCELLED, 'CLUSTER_UNREACHABLE'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.PERMISSION_DENIED, 'PERMISSION_DENIED'],
  [status.NOT_FOUND, 'NOT_FOUND'],
  [status.RESOURCE_EXHAUSTED, 'RESOURCES_EXHAUSTED'],
])

const MESSAGES: { readonly [Code in ErrorCode]?: string } = {
  CLUSTER_UNREACHABLE: 'no connection to',
  DEADLINE_EXCEEDED: 'no answer in time from',
  RESOURCES_EXHAUSTED: 'a message is too large at',
}

/** What to look at when nobody answers. */
export const UNREACHABLE_HINT =
  'Is the process running and listening there? A port with TLS needs --tls-ca, others must not have it.'

const HINTS: { readonly [Code in ErrorCode]?: string } = {
  CLUSTER_UNREACHABLE: UNREACHABLE_HINT,
  DEADLINE_EXCEEDED: 'The process may be overloaded or stopped.',
}

function statusCodeOf(code: ErrorCode): status {
  switch (code) {
    case 'UNAUTHENTICATED':
      return status.UNAUTHENTICATED
    case 'PERMISSION_DENIED':
      return status.PERMISSION_DENIED
    case 'BUILD_MISMATCH':
      return status.FAILED_PRECONDITION
    case 'NOT_FOUND':
      return status.NOT_FOUND
    case 'PROTOCOL_ERROR':
      return status.INVALID_ARGUMENT
    case 'RESOURCES_EXHAUSTED':
      return status.RESOURCE_EXHAUSTED
    case 'CANCELLED':
      return status.CANCELLED
    case 'DEADLINE_EXCEEDED':
      return status.DEADLINE_EXCEEDED
    case 'CLUSTER_UNREACHABLE':
      return status.UNAVAILABLE
    default:
      return status.UNKNOWN
  }
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`
}
