import type { Region } from '../memory/index.ts'
import type { DataType, Value } from '../types/index.ts'
import { vectorBuilder } from './builder.ts'
import { constantOf } from './make-vector.ts'
import type { ConstantVector } from './vector.ts'

/** A vector whose every row is `value`. */
export function constantVector(type: DataType, value: Value, length: number, region: Region): ConstantVector {
  const builder = vectorBuilder(type, region, 1)
  builder.append(value)
  return constantOf(builder.finish(), length, region)
}
