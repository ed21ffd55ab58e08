import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MemoryPool } from '../../../../engine/memory/index.ts'
import type { DataType, Value } from '../../../../engine/types/index.ts'
import { readRows } from './round-trip.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, poison: true })
const folder = new URL('samples/', import.meta.url)

/** One value in the form that scripts/oracle/parquet-interop.py writes. */
function canonical(value: Value, type: DataType): unknown {
  if (value === null) return null
  switch (type.kind) {
    case 'list':
      return (value as readonly Value[]).map((element) => canonical(element, type.element))
    case 'struct':
      return (value as readonly Value[]).map((member, index) => canonical(member, type.fields[index]!.type))
    case 'map':
      return (value as readonly (readonly [Value, Value])[]).map(([key, member]) => [
        canonical(key, type.key),
        canonical(member, type.value),
      ])
    case 'binary':
      return Buffer.from(value as Uint8Array).toString('hex')
    case 'float32':
    case 'float64':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : Object.is(value, -0)
          ? '-0'
          : String(value)
    default:
      return typeof value === 'bigint' ? String(value) : value
  }
}

for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.parquet')))
  test(`readRowGroup() reads the sample ${name}`, async () => {
    const expected = JSON.parse(readFileSync(new URL(name.replace('.parquet', '.json'), folder), 'utf8'))
    for (const batchRows of [65_536, 5]) {
      const { metadata, rows } = await readRows(pool, readFileSync(new URL(name, folder)), batchRows)
      const { fields } = metadata.schema
      expect(rows.map((row) => row.map((value, index) => canonical(value, fields[index]!.type)))).toEqual(
        expected,
      )
    }
    expect(pool.usedBytes).toBe(0)
  })
