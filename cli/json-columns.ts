import { halvesOf, type Vector } from '../engine/batch/index.ts'
import type { LineColumn, LineFormat, LineValues } from '../engine/formats/text/index.ts'
import { timeZone } from '../engine/functions/index.ts'
import type { DataType, Field, Value } from '../engine/types/index.ts'
import { localClock, toJson } from './json-value.ts'

/** Lines of JSON objects. */
export const JSON_LINES: LineFormat = {
  start: '{',
  end: '}\n',
  separator: 0,
  quote: '"'.charCodeAt(0),
  escape: 0,
  lineEnd: 0,
  empty: '',
}

/** A column of JSON lines that `writeLines` writes; values as `toJson` has them. */
export function jsonColumn({ name, type }: Field, vector: Vector, zoneName: string): LineColumn {
  const values = valuesOf(type, vector, zoneName)
  const isQuoted = values.kind === 'moment' || (values.kind === 'kernel' && QUOTED.includes(type.kind))
  return {
    prefix: `,${JSON.stringify(name)}:`,
    nullText: 'null',
    style: isQuoted ? 'json' : 'plain',
    values,
  }
}

/** Types that kernels write and that are strings in JSON. */
const QUOTED: readonly DataType['kind'][] = ['string', 'decimal', 'date']

function valuesOf(type: DataType, vector: Vector, zoneName: string): LineValues {
  switch (type.kind) {
    case 'null':
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'decimal':
    case 'date':
    case 'string':
      return { kind: 'kernel' }
    case 'int64':
      if (isSafe(vector)) return { kind: 'kernel' }
      break
    case 'timestamp':
      return { kind: 'moment', zone: timeZone(zoneName) }
    case 'timestamp_ntz':
      return { kind: 'moment', zone: null }
  }
  const local = localClock(zoneName)
  return { kind: 'format', format: (value: Value) => JSON.stringify(toJson(value, type, local)) }
}

/** Whether all 64-bit integers are numbers to a program; those of NULLs count too. */
function isSafe(vector: Vector): boolean {
  if (vector.encoding === 'dictionary') return isSafe(vector.dictionary)
  if (vector.encoding === 'constant') return isSafe(vector.value)
  if (vector.encoding !== 'fixed') return true
  const halves = halvesOf(vector.values as BigInt64Array)
  for (let row = 0; row < vector.length; row++)
    if (!Number.isSafeInteger(halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0))) return false
  return true
}
