import type { JobGraph, Stage } from '../../../driver/stages/index.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'

/** Numbers in [0, 1) from a seed (mulberry32), so that a failure can be run again. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A plan for machines that do not look at it. */
export const ANY_PLAN: PhysicalPlan = { kind: 'ValuesExec', id: 1, schema: { fields: [] }, rows: [] }

export interface GraphShape {
  readonly mostStages: number
  readonly mostTasks: number
  /** Parts of stages that are tables, barriers, kept. */
  readonly tables?: number
  readonly barriers?: number
  readonly kept?: number
  /** Prefix of the keys of kept stages. */
  readonly keys?: string
}

/** A job whose stages read earlier ones, some of them more than once; some stages have no tasks. */
export function randomGraph(random: () => number, shape: GraphShape): JobGraph {
  const { mostStages, mostTasks, tables = 0, barriers = 0, kept = 0, keys = 'k' } = shape
  const stageCount = 1 + Math.floor(random() * mostStages)
  const unread: number[] = []
  const stages: Stage[] = []
  for (let id = 0; id < stageCount; id++) {
    const isLast = id === stageCount - 1
    const inputs = isLast ? [...unread] : unread.filter(() => random() < 0.5)
    for (const input of inputs) if (isLast || random() < 0.7) unread.splice(unread.indexOf(input), 1)
    unread.push(id)
    const taskCount = Math.floor(random() * (mostTasks + 1))
    const base = { id, plan: ANY_PLAN, taskCount, inputs }
    // A table is made of rows of one stage.
    const readable = inputs.filter((input) => stages[input]!.output?.kind !== 'table')
    if (!isLast && readable.length > 0 && random() < tables)
      stages.push({ ...base, inputs: [readable[0]!], taskCount: 1, output: { kind: 'table' } })
    else if (!isLast && random() < kept)
      stages.push({ ...base, output: { kind: 'single' }, keep: `${keys}-${id}-${taskCount}` })
    else
      stages.push({
        ...base,
        output: isLast ? null : { kind: 'single' },
        ...(random() < barriers ? { barrier: true } : {}),
      })
  }
  return { stages, reusedExchanges: new Set() }
}
