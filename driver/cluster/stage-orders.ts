import type { QuerySettings } from '../../engine/functions/index.ts'
import type { ExecutorOrder } from '../../proto/cluster/index.ts'
import { encodePlain, type StageOrder, type TaskOutput } from '../../proto/messages/index.ts'
import { outputName } from '../scheduler/index.ts'
import { type JobGraph, type Stage, tablesReadBy } from '../stages/index.ts'
import { executorOrder } from './orders.ts'

/** Bytes of a stage in one message. */
const PIECE_BYTES = 1024 * 1024

/** What a job adds to its stages on their way to executors. */
export interface StageOrderOptions {
  readonly jobId: string
  readonly sessionId: string
  readonly settings: QuerySettings
  /** Of tasks of the last stage. */
  readonly inlineBytes: number
  readonly storage: StageOrder['storage']
}

/**
 * The stages of one job as messages. Each is encoded once, until adaptive execution puts another in its
 * place.
 */
export class StageOrders {
  readonly #options: StageOrderOptions
  readonly #encoded = new Map<number, { readonly stage: Stage; readonly pieces: readonly ExecutorOrder[] }>()

  constructor(options: StageOrderOptions) {
    this.#options = options
  }

  piecesOf(graph: JobGraph, stageId: number): readonly ExecutorOrder[] {
    const stage = graph.stages[stageId]!
    const known = this.#encoded.get(stageId)
    if (known?.stage === stage) return known.pieces
    const pieces = piecesOf(
      this.#options.jobId,
      stageId,
      encodePlain(stageOrder(graph, stage, this.#options)),
    )
    this.#encoded.set(stageId, { stage, pieces })
    return pieces
  }
}

function stageOrder(graph: JobGraph, stage: Stage, options: StageOrderOptions): StageOrder {
  const { jobId, sessionId, settings, inlineBytes, storage } = options
  return {
    plan: stage.plan,
    settings,
    output: taskOutput(stage),
    inlineBytes: stage === graph.stages.at(-1) ? inlineBytes : 0,
    tables: tablesOf(graph, stage),
    storeAs: stage.keep === undefined ? null : outputName(sessionId, jobId, stage),
    storage: stage.storage ?? storage,
  }
}

function taskOutput({ output }: Stage): TaskOutput {
  if (output === null) return { kind: 'result' }
  return output.kind === 'table' ? output : { kind: 'shuffle', distribution: output }
}

/**
 * The tables that a stage reads, and those that they are built with, in an order in which they can be built.
 */
function tablesOf(graph: JobGraph, stage: Stage): StageOrder['tables'] {
  const tables = new Map<number, StageOrder['tables'][number]>()
  const visit = (stageId: number): void => {
    if (tables.has(stageId)) return
    const { plan } = graph.stages[stageId]!
    for (const id of tablesReadBy(plan)) visit(id)
    tables.set(stageId, { stageId, plan })
  }
  for (const id of tablesReadBy(stage.plan)) visit(id)
  return [...tables.values()]
}

function piecesOf(jobId: string, stage: number, content: Uint8Array): ExecutorOrder[] {
  const pieces: ExecutorOrder[] = []
  for (let from = 0; from === 0 || from < content.length; from += PIECE_BYTES) {
    const end = from + PIECE_BYTES
    const value = { jobId, stage, content: content.subarray(from, end), last: end >= content.length }
    pieces.push(executorOrder({ case: 'stage', value }))
  }
  return pieces
}
