import {
  type FixedVector,
  fixedVector,
  flatten,
  halvesOf,
  structVector,
  type Vector,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { type DataType, structType, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Windows of event time: what rows of streams are grouped by. */
export const timeWindowFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'window',
    usage:
      "window(timestamp, '10 minutes'[, '10 minutes'[, '2 minutes']]) - the window of a time: start, end",
    resolve: windowSignature,
    evaluate: windowOf,
  },
  {
    ...plain,
    name: 'window_time',
    usage: 'window_time(window) - the last microsecond of a window',
    resolve: (args) => {
      checkCount('window_time', args.length, 1)
      const [window] = args
      if (window?.kind !== 'struct' || window.fields[1]?.name !== 'end')
        throw mismatch('window_time', args, 'a window')
      return { args, returns: window.fields[1].type }
    },
    bind: () => (window: readonly Value[]) => (window[1] as bigint) - 1n,
  },
]

const MICROS: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
}

/** `10 minutes`, `1 hour 30 minutes` as microseconds; months and years have no fixed length. */
export function durationMicros(text: string): number {
  const parts = [...text.matchAll(/\s*(?:interval\s+)?([+-]?\d+(?:\.\d+)?)\s*([a-z]+?)s?(?=\s|$)/giy)]
  const micros = parts.reduce((sum, [, count, unit]) => {
    return sum + Number(count) * (MICROS[unit!.toLowerCase()] ?? Number.NaN)
  }, 0)
  const isWhole = parts.map(([part]) => part).join('').length === text.trimEnd().length
  if (parts.length > 0 && isWhole && Number.isSafeInteger(micros)) return micros
  throw new EngineError('INVALID_ARGUMENT', `duration "${text}" is not understood`, {
    hint: 'Write numbers and units of weeks or less, such as 10 minutes or 1 hour 30 seconds.',
  })
}

/** Size and start of the windows that a call of `window` asks for, in microseconds. */
export interface WindowShape {
  readonly size: number
  readonly start: number
}

/** From the constant arguments after the time. */
export function windowShape(literals: readonly (Value | undefined)[]): WindowShape {
  const [size, slide = size, start = '0 seconds'] = literals
  if (typeof size !== 'string' || typeof slide !== 'string' || typeof start !== 'string')
    throw new EngineError('INVALID_ARGUMENT', 'function "window" takes durations as constant texts', {
      hint: "For example: window(time, '10 minutes').",
    })
  const shape = { size: durationMicros(size), start: durationMicros(start) }
  if (shape.size <= 0) throw new EngineError('INVALID_ARGUMENT', `a window of "${size}" has no length`)
  if (durationMicros(slide) !== shape.size)
    throw new EngineError('UNSUPPORTED_FEATURE', 'windows that overlap', {
      hint: 'Leave the slide out, or give it the length of the window.',
    })
  return shape
}

function windowSignature(args: readonly DataType[], literals: readonly (Value | undefined)[]): Signature {
  checkCount('window', args.length, 2, 4)
  windowShape(literals.slice(1))
  const time = args[0]!.kind === 'timestamp_ntz' ? types.timestampNtz : types.timestamp
  const fields = ['start', 'end'].map((name) => ({ name, type: time, nullable: true }))
  return { args: [time, ...args.slice(1)], returns: structType(fields) }
}

/** The windows of a column of times. Microseconds of some centuries are exact in doubles. */
function windowOf(args: readonly Vector[], { argTypes, rowCount, region, returns }: CallContext): Vector {
  const texts = args.slice(1).map((arg) => constantText(arg))
  const { size, start } = windowShape(texts)
  const times = halvesOf((flatten(args[0]!, region) as FixedVector).values as BigInt64Array)
  const [starts, ends] = [region.int64(rowCount), region.int64(rowCount)]
  const [startHalves, endHalves] = [halvesOf(starts), halvesOf(ends)]
  for (let row = 0; row < rowCount; row++) {
    const micros = times[2 * row + 1]! * 2 ** 32 + (times[2 * row]! >>> 0)
    const first = Math.floor((micros - start) / size) * size + start
    const last = first + size
    startHalves[2 * row] = first | 0
    startHalves[2 * row + 1] = Math.floor(first / 2 ** 32)
    endHalves[2 * row] = last | 0
    endHalves[2 * row + 1] = Math.floor(last / 2 ** 32)
  }
  const time = argTypes[0]!
  return structVector(returns, rowCount, [
    fixedVector(time, rowCount, starts),
    fixedVector(time, rowCount, ends),
  ])
}

function constantText(vector: Vector): string {
  if (vector.encoding === 'constant' && vector.value.encoding === 'bytes')
    return Buffer.from(
      vector.value.bytes.subarray(vector.value.offsets[0], vector.value.offsets[1]),
    ).toString()
  throw new EngineError('INVALID_ARGUMENT', 'function "window" takes durations as constant texts')
}
