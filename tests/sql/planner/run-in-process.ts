import { fileSystemOf, sinkOf, sourceOf } from '../../../connectors/index.ts'
import { type Stage, splitStages, tablesReadBy, taskInputsOf } from '../../../driver/stages/index.ts'
import { copyBatch, hashRows, type RecordBatch, readValue, takeBatch } from '../../../engine/batch/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { evaluate } from '../../../engine/evaluate/index.ts'
import type { MemoryPool, Region } from '../../../engine/memory/index.ts'
import type { BuildSide } from '../../../engine/operators/index.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import { LocalTaskContext, runPlan, type Services } from '../../../engine/run/index.ts'
import type { Value } from '../../../engine/types/index.ts'
import { settings } from './plan-fixtures.ts'

const services: Services = {
  source: sourceOf,
  sink: sinkOf,
  fileSystem: fileSystemOf,
  userFunction: () => {
    throw new EngineError('UNSUPPORTED_FEATURE', 'no user functions here')
  },
  runUserCode: () => {
    throw new EngineError('UNSUPPORTED_FEATURE', 'no user code here')
  },
}

/** The rows of a physical plan: its stages one after the other, task by task, in this thread. */
export async function runInProcess(plan: PhysicalPlan, pool: MemoryPool): Promise<Value[][]> {
  const region = pool.createRegion()
  const tableRegions: number[] = []
  try {
    const outputs: RecordBatch[][][] = []
    const tables = new Map<number, BuildSide>()
    for (const stage of splitStages(plan).stages) {
      const parts = Array.from({ length: partCount(stage.output) }, (): RecordBatch[] => [])
      for (let partition = 0; partition < stage.taskCount; partition++) {
        const inputs = taskInputsOf(stage.plan, partition)
        const shuffleInputs = new Map(
          inputs.map((from) => [from.stageId, outputs[from.stageId]![from.partition]!]),
        )
        const isCancelled = (): boolean => false
        const options = {
          pool,
          services,
          settings,
          tag: 1,
          partition,
          attempt: 0,
          isCancelled,
          shuffleInputs,
          tables: new Map(tablesReadBy(stage.plan).map((id) => [id, tables.get(id)!])),
        }
        const context = new LocalTaskContext(options)
        try {
          for await (const batch of runPlan(stage.plan, context))
            spread(batch, stage.output, parts, region, context)
          if (context.table !== null) {
            tables.set(stage.id, context.table)
            tableRegions.push(context.releaseTable().regionId)
          }
        } finally {
          context.close()
        }
      }
      outputs.push(parts)
    }
    const batches = outputs.at(-1)!.flat()
    return batches.flatMap((batch) =>
      Array.from({ length: batch.rowCount }, (_, row) =>
        batch.columns.map((column) => readValue(column, row)),
      ),
    )
  } finally {
    region.free()
    for (const id of tableRegions) pool.freeRegion(id)
  }
}

function partCount(output: Stage['output']): number {
  return output?.kind === 'hash' || output?.kind === 'roundRobin' ? output.partitionCount : 1
}

function spread(
  batch: RecordBatch,
  output: Stage['output'],
  parts: readonly RecordBatch[][],
  region: Region,
  context: LocalTaskContext,
): void {
  if (batch.rowCount === 0) return
  let places = Int32Array.from({ length: batch.rowCount }, (_, row) => row)
  if (output?.kind === 'hash') {
    const keys = output.keys.map((key) => evaluate(key, batch, context.evalContext(region)))
    places = Int32Array.from(hashRows(keys, batch.rowCount, region), (hash) => Number(hash & 0x7fffffffn))
  }
  for (const [index, part] of parts.entries()) {
    const rows = [...places.keys()].filter((row) => (places[row]! >>> 0) % parts.length === index)
    if (rows.length > 0)
      part.push(copyBatch(takeBatch(batch, Int32Array.from(rows), rows.length, region), region))
  }
}
