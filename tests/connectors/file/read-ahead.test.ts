import { expect, test } from 'vitest'
import { fileSystemOf, sourceOf } from '../../../connectors/index.ts'
import { type RecordBatch, valueReader } from '../../../engine/batch/index.ts'
import type { RowFilter, ScanRequest, Split } from '../../../engine/connect/index.ts'
import { readParquetMetadata } from '../../../engine/formats/parquet/index.ts'
import { field, type Schema, types, type Value } from '../../../engine/types/index.ts'
import { testContext } from '../../engine/formats/csv/read.ts'
import { memoryFile } from '../../engine/formats/parquet/memory-file.ts'
import { writeRows } from '../../engine/formats/parquet/round-trip.ts'
import { HeldServer } from './held-server.ts'

const GROUPS = 6
const GROUP_ROWS = 40_000
const schema: Schema = {
  fields: [field('id', types.int32), field('gap', types.int64), field('other', types.int64)],
}
/** `gap` keeps `other` so far from `id` that they are not read in one go. */
const rows: readonly Value[][] = Array.from({ length: GROUPS * GROUP_ROWS }, (_, id) => [
  id,
  ((BigInt(id) * 0x9e3779b97f4a7c15n) >> 7n) & 0xffff_ffffn,
  BigInt(id) * 3n,
])

/** Everything of one scan over the server. */
async function scanOf(columns: readonly string[]) {
  const context = { ...testContext(), fileSystem: fileSystemOf }
  const bytes = await writeRows(context.pool, schema, rows, {
    rowGroupRows: GROUP_ROWS,
    codec: 'uncompressed',
    dictionary: false,
  })
  const metadata = await readParquetMetadata(memoryFile(bytes))
  const server = new HeldServer(bytes)
  const options = { path: await server.listen() }
  const source = sourceOf('parquet')
  const request: ScanRequest = { options, schema, columns, predicates: [] }
  const { splits } = await source.plan(request, context)
  const startOf = (group: number, column: number): number => metadata.rowGroups[group]!.chunks[column]!.offset
  const read = (of: readonly Split[] = splits, filter: RowFilter | null = null): AsyncIterator<RecordBatch> =>
    source.read(of, request, context, filter)[Symbol.asyncIterator]()
  return { context, server, splits, read, startOf }
}

async function restOf(batches: AsyncIterator<RecordBatch>, first?: IteratorResult<RecordBatch>) {
  const out: Value[][] = []
  for (let result = first ?? (await batches.next()); result.done !== true; result = await batches.next()) {
    const readers = result.value.columns.map(valueReader)
    for (let row = 0; row < result.value.rowCount; row++) out.push(readers.map((reader) => reader(row)))
  }
  return out
}

/** Rows of which the id passes. */
function idFilter(isWanted: (id: number) => boolean): RowFilter {
  const select = (batch: RecordBatch, out: Int32Array): number => {
    const id = valueReader(batch.columns[0]!)
    let count = 0
    for (let row = 0; row < batch.rowCount; row++) if (isWanted(id(row) as number)) out[count++] = row
    return count
  }
  return { columns: ['id'], select, steps: [{ columns: ['id'], isByValue: false, select, note() {} }] }
}

const allIds = rows.map(([id]) => [id!])

test('while a row group is read, the next ones are on their way', async () => {
  const { context, server, read, startOf } = await scanOf(['id'])
  try {
    server.holds = ({ start }) => start >= startOf(1, 0)
    const batches = read()
    const first = await batches.next()
    await server.until(() => server.held.size >= 3)
    expect(first.value.rowCount).toBe(GROUP_ROWS)
    server.release()
    expect(await restOf(batches, first)).toEqual(allIds)
    expect(context.pool.usedBytes).toBe(0)
    expect(context.metrics['bytesRead']).toBeGreaterThan(rows.length * 4)
    expect(context.metrics['bytesReadInVain']).toBeUndefined()
    expect(server.asked.length).toBe(GROUPS)
  } finally {
    server.close()
  }
})

test('who stops early stops what is on its way, and every byte comes back', async () => {
  const { context, server, read, startOf } = await scanOf(['id'])
  try {
    server.holds = ({ start }) => start >= startOf(1, 0)
    const batches = read()
    await batches.next()
    await server.until(() => server.held.size >= 1)
    await batches.return!()
    expect(context.pool.usedBytes).toBe(0)
    expect(context.metrics['bytesReadInVain']).toBeGreaterThan(0)
    await server.until(() => server.held.size === 0)
  } finally {
    server.close()
  }
})

test('where memory is scarce nothing is read ahead', async () => {
  const { context, server, read } = await scanOf(['id'])
  const taken = context.pool.limitBytes * 0.8
  context.pool.reserve(taken)
  try {
    let most = 0
    const seen = new Set<number>()
    server.holds = ({ start }) => {
      most = Math.max(most, server.held.size + 1)
      seen.add(start)
      return false
    }
    const batches = read()
    for (let group = 1; group <= GROUPS; group++) {
      expect((await batches.next()).done).toBe(false)
      expect(seen.size).toBe(group)
    }
    expect(await batches.next()).toMatchObject({ done: true })
    expect(most).toBe(1)
  } finally {
    server.close()
    context.pool.unreserve(taken)
  }
  expect(context.pool.usedBytes).toBe(0)
})

test.each([
  ['no group', () => false, []],
  ['the last group', (id: number) => id >= 5 * GROUP_ROWS, [5]],
  ['every group', (id: number) => id % 1000 === 1, [0, 1, 2, 3, 4, 5]],
] as const)('other columns are read where rows are wanted: %s', async (_, isWanted, groups) => {
  const { context, server, read, startOf } = await scanOf(['other'])
  try {
    const wanted = rows.filter(([id]) => isWanted(id as number)).map(([, , other]) => [other])
    expect(await restOf(read(undefined, idFilter(isWanted)))).toEqual(wanted)
    const askedFor = Array.from({ length: GROUPS }, (_, group) => group).filter((group) =>
      server.asked.some(({ start, end }) => start <= startOf(group, 2) && startOf(group, 2) < end),
    )
    expect(askedFor).toEqual(groups)
    expect(context.pool.usedBytes).toBe(0)
  } finally {
    server.close()
  }
})

test('where most groups had wanted rows, the columns of these are on their way too', async () => {
  const { context, server, read, startOf } = await scanOf(['other'])
  try {
    const isWanted = (id: number): boolean => id % 20_000 === 1
    server.holds = ({ start }) => start >= startOf(2, 0)
    const batches = read(
      undefined,
      idFilter((id) => isWanted(id)),
    )
    const first = await batches.next()
    expect(first.value.rowCount).toBe(2)
    const second = await batches.next()
    expect(second.value.rowCount).toBe(2)
    const isHeld = (offset: number): boolean => server.asked.some(({ start }) => start === offset)
    void batches.next().then(
      () => {},
      () => {},
    )
    await server.until(() => isHeld(startOf(3, 2)))
    server.release()
    await batches.return!()
    expect(context.pool.usedBytes).toBe(0)
  } finally {
    server.close()
  }
})

test('an error of a row group that was read ahead comes when it is its turn', async () => {
  const { context, server, read, startOf } = await scanOf(['id'])
  try {
    server.holds = ({ start }) => start >= startOf(2, 0)
    const batches = read()
    await batches.next()
    await server.until(() => server.held.size >= 1)
    expect((await batches.next()).value.rowCount).toBe(GROUP_ROWS)
    server.close()
    await expect(batches.next()).rejects.toMatchObject({ code: 'IO_ERROR' })
    expect(context.pool.usedBytes).toBe(0)
  } finally {
    server.close()
  }
})
