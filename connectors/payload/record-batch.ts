/**
 * Records of a stream as they were fetched: values lie one behind the other, each with a byte (a LF) after
 * it. The arrays are good until the next batch is asked for.
 */
export interface FetchedRecords {
  readonly topic: string
  readonly partition: number
  /** Offset of the first; the others follow one by one. */
  readonly firstOffset: number
  readonly count: number
  readonly values: Uint8Array
  /** -1: the value is null. */
  readonly valueLengths: Int32Array
  /** Keys without anything between; a length of -1 is no key. */
  readonly keys: Uint8Array
  readonly keyLengths: Int32Array
  /** Milliseconds since 1970. */
  readonly times: Float64Array
  /** Some value has a LF in it. */
  readonly hasBreaks: boolean
}

/** A record that could not be read as what it should be. */
export interface BadRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly reason: string
  /** The value: as text if it is UTF-8, else as base64. */
  readonly value: string
  readonly isBase64: boolean
}
