import {
  type RecordBatch,
  type SpillReader,
  type SpillTables,
  type SpillWriter,
  vectorBuilder,
} from '../batch/index.ts'
import type { FileSystem } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import type { DataType, Schema, Value } from '../types/index.ts'
import { CHUNK_VALUES, type Chunk, decodeChunk } from './chunk-codec.ts'
import { chunkRow, ProgramWriter, payloadOf } from './program-writer.ts'
import { readSavedChunks } from './save-chunks.ts'
import type { LoadedFunction, ShippedFunction } from './shipped-function.ts'
import { compileSteps } from './steps.ts'
import { readLines } from './text-lines.ts'
import type { UserProgram } from './user-program.ts'

/** What a program needs of its task. */
export interface UserTask {
  readonly partition: number
  readonly attempt: number
  createRegion(): Region
  /** A new spill file, whose bytes count for the program's node. */
  createSpill(): SpillWriter
  /** Reads a spill file that this task writes. */
  openSpill(tables: SpillTables, writer: SpillWriter): SpillReader
  checkCancelled(): void
  fileSystem(path: string): FileSystem
}

/** What a program needs of its thread. */
export interface UserThread {
  /** Makes a shipped function ready to be called. */
  readonly load: LoadFunction
  readonly rowReader: RowReaderOf
  readonly fromPublic: FromPublic
}

/** A value of a program as one of the engine; DATATYPE_MISMATCH names the column. */
export type FromPublic = (value: unknown, type: DataType, column: string) => Value

export type LoadFunction = (fn: ShippedFunction) => Promise<LoadedFunction>

/** Reads rows of a batch as objects. */
export type RowReaderOf = (schema: Schema, batch: RecordBatch) => (row: number) => unknown

/** The chunk rows that a program gives for one partition. */
export async function* runProgram(
  program: UserProgram,
  input: AsyncIterable<RecordBatch> | null,
  task: UserTask,
  { load, rowReader, fromPublic }: UserThread,
): AsyncIterable<RecordBatch> {
  const partition = program.partitionOffset + task.partition
  const steps = await compileSteps(program.steps, { partition, task, load })
  const region = task.createRegion()
  try {
    const chunks = steps(cancellable(readSource(program, input, task, rowReader), task))
    if (program.output.kind === 'rows') {
      // The plan carries the schema of the node.
      yield* rowBatches(chunks, program.output.schema as Schema, region, fromPublic)
      return
    }
    const writer = new ProgramWriter(program.output, partition)
    for await (const { values } of chunks) {
      for (const row of writer.add(values)) {
        region.reset()
        yield chunkRow(row, region)
      }
    }
    for (const row of writer.finish()) {
      region.reset()
      yield chunkRow(row, region)
    }
  } finally {
    region.free()
  }
}

async function* rowBatches(
  chunks: AsyncIterable<Chunk>,
  { fields }: Schema,
  region: Region,
  fromPublic: FromPublic,
): AsyncIterable<RecordBatch> {
  for await (const { values } of chunks) {
    region.reset()
    const columns = fields.map(({ name, type, nullable }, index) => {
      const builder = vectorBuilder(type, region, values.length)
      for (const row of values) {
        const value = fromPublic(memberOf(row, name, index), type, name)
        if (value === null && !nullable)
          throw new EngineError(
            'NOT_NULL_CONSTRAINT_VIOLATION',
            `column "${name}" is declared NOT NULL, but a row has none`,
          )
        builder.append(value)
      }
      return builder.finish()
    })
    yield { rowCount: values.length, columns }
  }
}

/** Arrays give columns by position, objects by name; a plain value is the only column. */
function memberOf(row: unknown, name: string, index: number): unknown {
  if (Array.isArray(row)) return row[index]
  const isObject =
    typeof row === 'object' && row !== null && (row.constructor === Object || row.constructor === undefined)
  return isObject ? (row as Readonly<Record<string, unknown>>)[name] : row
}

async function* cancellable(chunks: AsyncIterable<Chunk>, task: UserTask): AsyncIterable<Chunk> {
  for await (const chunk of chunks) {
    task.checkCancelled()
    yield chunk
  }
}

async function* readSource(
  { source }: UserProgram,
  input: AsyncIterable<RecordBatch> | null,
  task: UserTask,
  rowReader: RowReaderOf,
): AsyncIterable<Chunk> {
  switch (source.kind) {
    case 'values':
      for (const bytes of source.partitions[task.partition] ?? []) yield decodeChunk(bytes)
      return
    case 'text':
      for (const piece of source.partitions[task.partition] ?? [])
        yield* readLines(piece, task.fileSystem(piece.path))
      return
    case 'saved': {
      const path = source.partitions[task.partition]
      if (path !== undefined) yield* readSavedChunks(path, task.fileSystem(path))
      return
    }
    case 'chunks':
      for await (const batch of input ?? []) yield* chunksOf(batch)
      return
    case 'rows':
      // The plan carries the schema of its input.
      for await (const batch of input ?? []) yield* rowsOf(batch, rowReader(source.schema as Schema, batch))
      return
  }
}

/** The chunks in the payload column of chunk rows. */
export function* chunksOf(batch: RecordBatch): Iterable<Chunk> {
  for (let row = 0; row < batch.rowCount; row++) yield decodeChunk(payloadOf(batch, row))
}

/** The partition number of one chunk. */
export function partitionOf(batch: RecordBatch, row: number): number {
  const column = batch.columns[0]
  if (column?.encoding !== 'fixed') throw new TypeError('chunk rows have a partition column')
  return Number(column.values[row])
}

function* rowsOf(batch: RecordBatch, read: (row: number) => unknown): Iterable<Chunk> {
  for (let from = 0; from < batch.rowCount; from += CHUNK_VALUES) {
    const values: unknown[] = []
    const end = Math.min(batch.rowCount, from + CHUNK_VALUES)
    for (let row = from; row < end; row++) values.push(read(row))
    yield { side: 0, values }
  }
}
