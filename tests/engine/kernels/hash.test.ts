import { expect, test } from 'vitest'
import { fixedVector, hashRows, type Vector } from '../../../engine/batch/index.ts'
import { partitionKernels } from '../../../engine/kernels/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { decimalType, types, type Value } from '../../../engine/types/index.ts'
import { randomValue } from '../operators/random-values.ts'
import { makeColumn } from '../operators/run-operator.ts'
import { combineTwin, hashTwin } from './twins/hash.ts'
import { rowsByPartitionTwin } from './twins/partition.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 16 << 20, startBytes: 2 ** 31, poison: true })

/** A value as its twin hashes it. */
function plain(value: Value): bigint | Uint8Array | null {
  if (value === null) return null
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (value instanceof Uint8Array) return value
  return BigInt(value as number)
}

test('hashRows() is its twin for integers, decimals, strings and NULLs of one and more columns', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  const keyTypes = [
    types.boolean,
    types.int8,
    types.int32,
    types.int64,
    types.string,
    types.binary,
    decimalType(30, 4),
  ]
  for (let round = 0; round < 20; round++) {
    const region = pool.createRegion()
    const rowCount = Math.floor(random() * 200)
    const columns: Vector[] = []
    let expected = Array.from({ length: rowCount }, () => 0n)
    for (let index = 0; index <= round % 3; index++) {
      const type = keyTypes[Math.floor(random() * keyTypes.length)]!
      const values = Array.from({ length: rowCount }, () => randomValue(type, random))
      columns.push(makeColumn(type, values, region, random))
      const hashes = values.map((value) => hashTwin(plain(value)))
      expected = hashes.map((hash, row) => (index === 0 ? hash : combineTwin(expected[row]!, hash)))
    }
    const got = Array.from(hashRows(columns, rowCount, region), (hash) => BigInt.asUintN(64, hash))
    expect(got, `seed ${seed}, round ${round}`).toEqual(expected)
    region.free()
  }
  expect(pool.usedBytes).toBe(0)
})

test('partition kernels lay rows out as their twin does', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
  const random = randomFrom(seed)
  for (const partitions of [1, 2, 3, 64, 1000]) {
    const region = pool.createRegion()
    const rowCount = Math.floor(random() * 3000)
    const values = region.int32(rowCount).map(() => Math.floor(random() * 2 ** 32))
    const hashes = hashRows([fixedVector(types.int32, rowCount, values)], rowCount, region)
    const [partitionOf, rows] = [region.int32(rowCount), region.int32(rowCount)]
    const [starts, next] = [region.int32(partitions + 1), region.int32(partitions + 1)]
    const kernels = partitionKernels(pool)
    kernels.partitionsOfHashes(hashes.byteOffset, rowCount, partitions, partitionOf.byteOffset)
    const upper = (hash: bigint) => BigInt.asUintN(64, hash) >> 32n
    const expected = Array.from(hashes, (hash) => Number((upper(hash) * BigInt(partitions)) >> 32n))
    expect([...partitionOf], `seed ${seed}`).toEqual(expected)
    const parts = region.int32(rowCount)
    kernels.partitionsOfBits(hashes.byteOffset, rowCount, 28, 15, parts.byteOffset)
    const lower = (hash: bigint) => Number(BigInt.asUintN(32, hash))
    expect([...parts], `seed ${seed}`).toEqual(Array.from(hashes, (hash) => lower(hash) >>> 28))
    kernels.rowsByPartition(
      partitionOf.byteOffset,
      rowCount,
      partitions,
      starts.byteOffset,
      next.byteOffset,
      rows.byteOffset,
    )
    const got = Array.from({ length: partitions }, (_, p) => [...rows.subarray(starts[p]!, starts[p + 1]!)])
    expect(got, `seed ${seed}`).toEqual(rowsByPartitionTwin(expected, partitions))
    region.free()
  }
})
