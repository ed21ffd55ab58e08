import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { localFileSystem } from '../../../connectors/file/local-file-system.ts'
import { sourceOf } from '../../../connectors/index.ts'
import { type RecordBatch, valueReader } from '../../../engine/batch/index.ts'
import type { FileSystem, RowFilter, ScanRequest } from '../../../engine/connect/index.ts'
import type { Value } from '../../../engine/types/index.ts'
import { testContext } from '../../engine/formats/csv/read.ts'
import { randomOf, writeRows } from '../../engine/formats/parquet/round-trip.ts'
import { sampleRows, sampleSchema } from '../../engine/formats/parquet/sample.ts'
import { slowFileSystem } from './slow-file-system.ts'

const SEED = Number(process.env['SEED'] ?? 17)
const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 600 : 30
const ROWS = 900
const folder = mkdtempSync(join(tmpdir(), 'millrace-ahead-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 't.parquet')
const names = sampleSchema.fields.map(({ name }) => name)

/** Rows of which the id passes. */
function idFilter(isWanted: (id: number) => boolean): RowFilter {
  const select = (batch: RecordBatch, out: Int32Array): number => {
    const id = valueReader(batch.columns[0]!)
    let count = 0
    for (let row = 0; row < batch.rowCount; row++) if (isWanted(Number(id(row)))) out[count++] = row
    return count
  }
  return { columns: ['id'], select, steps: [{ columns: ['id'], isByValue: false, select, note() {} }] }
}

interface Outcome {
  readonly rows: readonly Value[][]
  readonly bytesRead: number | undefined
  readonly error: unknown
}

/** What a scan gives, of at most `most` batches; all memory must be free at its end. */
async function outcomeOf(
  fileSystem: FileSystem,
  wanted: Pick<ScanRequest, 'columns' | 'predicates'>,
  filter: RowFilter | null,
  most: number,
  heldPart: number,
): Promise<Outcome> {
  const context = { ...testContext(), fileSystem: () => fileSystem }
  const source = sourceOf('parquet')
  const request: ScanRequest = { options: { path }, schema: sampleSchema, ...wanted }
  const { splits } = await source.plan(request, { ...context, fileSystem: () => localFileSystem })
  const held = context.pool.limitBytes * heldPart
  context.pool.reserve(held)
  const rows: Value[][] = []
  let error: unknown = null
  let left = most
  try {
    for await (const batch of source.read(splits, request, context, filter)) {
      const readers = batch.columns.map(valueReader)
      for (let row = 0; row < batch.rowCount; row++) rows.push(readers.map((read) => read(row)))
      if (--left === 0) break
    }
  } catch (caught) {
    error = caught
  }
  context.pool.unreserve(held)
  expect(context.pool.usedBytes).toBe(0)
  return { rows, bytesRead: context.metrics['bytesRead'], error }
}

test(`rows and bytes read are the same however bytes come, seed ${SEED}`, { timeout: 600_000 }, async () => {
  const random = randomOf(SEED)
  const { pool } = testContext()
  for (let round = 0; round < ROUNDS; round++) {
    const isIndexed = random() < 0.5
    if (round % 10 === 0)
      writeFileSync(
        path,
        await writeRows(pool, sampleSchema, sampleRows(ROWS, 0.2, SEED + round), {
          rowGroupRows: [50, 120, 400][Math.floor(random() * 3)]!,
          pageRows: 20,
        }),
      )
    const columns = names.filter(() => random() < 0.3)
    const from = BigInt(Math.floor(random() * ROWS))
    const predicates = isIndexed ? [{ column: 'id', op: '>=' as const, values: [from] }] : []
    const share = [0, 0.002, 0.1, 1][Math.floor(random() * 4)]!
    const marks = Array.from({ length: ROWS }, () => random() < share)
    const filter = random() < 0.3 ? null : idFilter((id) => marks[id]! && (!isIndexed || id >= from))
    const most = random() < 0.3 ? 1 + Math.floor(random() * 4) : Number.POSITIVE_INFINITY
    const heldPart = random() < 0.2 ? 0.8 : 0
    const wanted = { columns, predicates }
    const failing = random() < 0.3 ? 0.05 : 0
    const plain = await outcomeOf(localFileSystem, wanted, filter, most, 0)
    const slow = await outcomeOf(
      slowFileSystem(randomOf(SEED + 1000 * round), failing),
      wanted,
      filter,
      most,
      heldPart,
    )
    expect(plain.error).toBeNull()
    if (slow.error === null) expect(slow, `round ${round}`).toEqual(plain)
    else {
      expect(failing).toBeGreaterThan(0)
      expect(slow.error).toMatchObject({ code: 'IO_ERROR' })
      expect(slow.rows).toEqual(plain.rows.slice(0, slow.rows.length))
    }
  }
})
