import { randomFillSync } from 'node:crypto'
import { fixedVector, isNull, readValue, type Vector } from '../../batch/index.ts'
import { types } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { int64, signature } from '../signature.ts'

const plain = { volatility: 'volatile', nulls: 'custom', mayFail: false } as const

/** Random and numbering functions. Seeded ones give the same rows the same values when a task runs again. */
export const randomFunctions: readonly ScalarFunction[] = [
  random('rand', ['random'], 'rand([seed]) - a random number of [0, 1)', uniform),
  random('randn', [], 'randn([seed]) - a random number of the standard normal distribution', normal),
  {
    ...plain,
    name: 'uuid',
    usage: 'uuid() - a random identifier',
    resolve: signature('uuid', [], types.string),
    bind: () => () => {
      const bytes = randomFillSync(Buffer.allocUnsafe(16))
      bytes[6] = (bytes[6]! & 0x0f) | 0x40
      bytes[8] = (bytes[8]! & 0x3f) | 0x80
      const hex = bytes.toString('hex')
      return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map(([from, to]) => hex.slice(from, to)).join('-')
    },
  },
  {
    ...plain,
    name: 'monotonically_increasing_id',
    usage:
      'monotonically_increasing_id() - a number that grows within each partition and is nowhere the same',
    resolve: signature('monotonically_increasing_id', [], types.int64),
    bind: ({ partition, rowOffset }) => {
      let next = (BigInt(partition) << 33n) + BigInt(rowOffset)
      return () => next++
    },
  },
  {
    ...plain,
    name: 'spark_partition_id',
    usage: 'spark_partition_id() - the number of the partition',
    resolve: signature('spark_partition_id', [], types.int32),
    bind:
      ({ partition }) =>
      () =>
        partition,
  },
]

/** 32 well mixed bits of a row, by counter: no state to carry between batches. */
function mix(seed: number, row: number, salt: number): number {
  let x = (seed ^ Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77)) | 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}

function uniform(seed: number, row: number): number {
  return ((mix(seed, row, 0) >>> 5) * 67_108_864 + (mix(seed, row, 1) >>> 6)) / 9_007_199_254_740_992
}

/** Box and Muller's transform of two uniform numbers. */
function normal(seed: number, row: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, row)))
  return radius * Math.cos(2 * Math.PI * uniform(seed ^ 0x5bd1e995, row))
}

function random(
  name: string,
  aliases: readonly string[],
  usage: string,
  draw: (seed: number, row: number) => number,
): ScalarFunction {
  return {
    ...plain,
    name,
    aliases,
    usage,
    resolve: signature(name, [int64], types.float64, { min: 0 }),
    evaluate: ([seed], { rowCount, region, settings, partition, rowOffset }: CallContext): Vector => {
      const given =
        seed === undefined || isNull(seed, 0)
          ? settings.randomSeed
          : Number(BigInt.asIntN(32, readValue(seed, 0) as bigint))
      const ofPartition = mix(given, partition, 2)
      const out = region.float64(rowCount)
      for (let row = 0; row < rowCount; row++) out[row] = draw(ofPartition, rowOffset + row)
      return fixedVector(types.float64, rowCount, out)
    },
  }
}
