import { expect, test } from 'vitest'
import { dictionaryVector, valueReader, vectorBuilder } from '../../../engine/batch/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { ownRows } from '../../../engine/shuffle/index.ts'
import { types } from '../../../engine/types/index.ts'

test.each([
  ['all rows', null],
  ['chosen rows', Int32Array.of(0, 1, 2)],
])('ownRows() keeps the NULLs of a large dictionary when the batch is gone: %s', (_, indices) => {
  const pool = MemoryPool.create({ limitBytes: 64 << 20, poison: true })
  const scratch = pool.createRegion()
  const owned = pool.createRegion()
  const builder = vectorBuilder(types.string, scratch)
  for (const word of ['a', 'b', 'c', 'd', 'e']) builder.append(word)
  const dictionary = builder.finish()
  const codes = scratch.int32(3)
  codes.set([4, 0, 2])
  const validity = scratch.bitmap(3)
  validity[0] = 0b101
  const words = dictionaryVector(3, codes, dictionary, validity)
  const [kept] = ownRows({ rowCount: 3, columns: [words] }, indices, 3, owned, new Map()).columns
  validity[0] = 0b010
  scratch.free()
  const read = valueReader(kept!)
  expect([read(0), read(1), read(2)]).toEqual(['e', null, 'c'])
  owned.free()
  expect(pool.usedBytes).toBe(0)
})
