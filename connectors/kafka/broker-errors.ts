import { EngineError, type ErrorCode } from '../../engine/errors.ts'

/** Error numbers of brokers that we act on. https://kafka.apache.org/protocol#protocol_error_codes */
export const OFFSET_OUT_OF_RANGE = 1
export const UNKNOWN_TOPIC = 3
const NOT_LEADER = 6

/** What passes when the cluster has settled: ask again, with fresh metadata. */
const PASSING = new Set([2, UNKNOWN_TOPIC, 5, NOT_LEADER, 7, 8, 9, 13, 14, 15, 16, 56, 72, 74, 75, 76, 78])

const NAMES: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  9: 'REPLICA_NOT_AVAILABLE',
  17: 'INVALID_TOPIC_EXCEPTION',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  35: 'UNSUPPORTED_VERSION',
  58: 'SASL_AUTHENTICATION_FAILED',
  78: 'OFFSET_NOT_AVAILABLE',
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  [UNKNOWN_TOPIC]: 'NOT_FOUND',
  17: 'INVALID_PARAMETER_VALUE',
  29: 'PERMISSION_DENIED',
  31: 'PERMISSION_DENIED',
  35: 'UNSUPPORTED_FEATURE',
  58: 'UNAUTHENTICATED',
}

/** A broker's refusal. */
export class BrokerError extends EngineError {
  readonly number: number

  /** `doing`: what was asked for, such as `reading sales/0`. */
  constructor(number: number, doing: string) {
    const name = NAMES[number] ?? `error ${number}`
    super(CODES[number] ?? 'IO_ERROR', `${doing}: the broker answered ${name}`)
    this.number = number
  }
}

/** Whether asking again, maybe of another broker, may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof BrokerError) return PASSING.has(error.number)
  return error instanceof EngineError && error.errorClass === 'transient'
}

export function checkBrokerError(number: number, doing: string): void {
  if (number !== 0) throw new BrokerError(number, doing)
}
