import { expect, test } from 'vitest'
import {
  CLUSTER_LIMITS,
  type FailureCause,
  type JobEffect,
  type JobEvent,
  JobMachine,
  type JobStagesOptions,
  LOCAL_JOB,
} from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import { randomGraph, randomOf } from './random-graph.ts'

const CLUSTER_JOB: JobStagesOptions = {
  ...CLUSTER_LIMITS,
  kept: null,
  adapt: null,
  onComplete: null,
  waits: null,
}
const IO_ERROR = { code: 'IO_ERROR', message: 'lost' } as const
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

interface Attempt {
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
}

/** What may go wrong in a play, as parts of all ends. */
interface Troubles {
  readonly failures: number
  readonly losses: number
  readonly spares: number
}

/** Plays a job's tasks, which end in any order. */
class Play {
  readonly machine: JobMachine
  readonly effects: JobEffect[] = []
  readonly running: Attempt[] = []
  readonly queued: { readonly stageId: number; readonly partition: number }[] = []
  nowMs = 0
  readonly #random: () => number

  constructor(graph: JobGraph, options: JobStagesOptions, random: () => number) {
    this.machine = new JobMachine(graph, options)
    this.#random = random
    this.hear({ kind: 'started' })
  }

  hear(event: JobEvent): void {
    for (const effect of this.machine.handle(event, this.nowMs)) {
      this.effects.push(effect)
      if (effect.kind === 'queue')
        for (const partition of effect.partitions) this.queued.push({ stageId: effect.stageId, partition })
      if (effect.kind === 'cancel') {
        const at = this.running.findIndex(
          ({ stageId, partition, attempt }) =>
            stageId === effect.stageId && partition === effect.partition && attempt === effect.attempt,
        )
        expect(at, 'a cancelled attempt runs').toBeGreaterThanOrEqual(0)
        this.running.splice(at, 1)
      }
    }
  }

  beginAll(): void {
    const { runs } = this.machine.stages
    const waiting = this.queued.splice(0)
    for (const task of waiting) {
      const attempt = this.machine.begin(task.stageId, task.partition)
      if (attempt >= 0) {
        const missing = runs[task.stageId]!.inputs.filter((input) => !runs[input]!.outputs.isComplete)
        expect(missing, `inputs of stage ${task.stageId} at its launch`).toEqual([])
        this.running.push({ ...task, attempt })
      } else if (!runs[task.stageId]!.isReady) this.queued.push(task)
    }
    expect(this.machine.pendingCount).toBe(0)
  }

  /** One end of a task, or a loss; false: nothing is left to happen. */
  step(troubles: Troubles): boolean {
    this.beginAll()
    const random = this.#random
    if (random() < troubles.losses) this.hear({ kind: 'holderLost', holder: pick(random, 3), moved: null })
    this.beginAll()
    if (this.running.length === 0) return this.#wait()
    const at = pick(random, this.running.length)
    const task = this.running[at]!
    if (random() < troubles.spares) {
      const attempt = this.machine.begin(task.stageId, task.partition, true)
      if (attempt >= 0) this.running.push({ ...task, attempt })
    }
    this.running.splice(at, 1)
    if (random() < troubles.failures) this.#fail(task)
    else this.hear({ kind: 'succeeded', ...task, holder: pick(random, 3), partitionBytes: [10] })
    return true
  }

  /** Time passes, or the client takes what is ready. */
  #wait(): boolean {
    if (this.machine.status !== 'running') return false
    const { nextWakeMs } = this.machine
    if (nextWakeMs !== null) {
      this.nowMs = nextWakeMs
      this.hear({ kind: 'tick' })
      return true
    }
    const { outputs } = this.machine.stages.result
    const ready = [...outputs.holders.keys()].filter((partition) => outputs.holders[partition]! >= 0)
    expect(ready.length, 'something goes on').toBeGreaterThan(0)
    this.hear({ kind: 'resultTaken', partition: ready[pick(this.#random, ready.length)]! })
    return true
  }

  #fail(task: Attempt): void {
    const random = this.#random
    const inputs = this.machine.stages.runs[task.stageId]!.inputs.filter(
      (input) => this.machine.stages.runs[input]!.outputs.taskCount > 0,
    )
    const causes: FailureCause[] = inputs.length > 0 ? ['transient', 'lost', 'fetch'] : ['transient', 'lost']
    const cause = causes[pick(random, causes.length)]!
    let missing = null
    if (cause === 'fetch') {
      const stageId = inputs[pick(random, inputs.length)]!
      const { attempts, taskCount } = this.machine.stages.runs[stageId]!.outputs
      const partition = pick(random, taskCount)
      missing = { stageId, partition, attempt: attempts[partition]! }
    }
    this.hear({ kind: 'failed', ...task, error: IO_ERROR, cause, missing })
  }
}

function pick(random: () => number, count: number): number {
  return Math.floor(random() * count)
}

const NO_TROUBLES: Troubles = { failures: 0, losses: 0, spares: 0 }

test(`a local job runs every task once or fails, in any order of events (SEED=${SEED})`, () => {
  const random = randomOf(SEED)
  for (let round = 0; round < 1000; round++) {
    const graph = randomGraph(random, { mostStages: 6, mostTasks: 4 })
    const play = new Play(graph, LOCAL_JOB, random)
    while (play.step(NO_TROUBLES)) expect(play.nowMs).toBe(0)
    expect(play.machine.status, `round ${round}`).toBe('done')
    expect(play.effects.filter(({ kind }) => kind === 'finish').length).toBe(1)
    const begun = play.machine.stages.runs.filter(
      ({ wasStarted, stage }) => wasStarted && stage.taskCount > 0,
    )
    const released = play.effects.flatMap((effect) =>
      effect.kind === 'releaseOutput' ? [effect.stageId] : [],
    )
    const last = graph.stages.length - 1
    expect(released.sort()).toEqual(begun.map(({ id }) => id).filter((id) => id !== last))
    for (const run of begun) expect(run.failures.every((count) => count === 0)).toBe(true)
  }
})

test(`jobs end through failures, losses and second attempts (SEED=${SEED})`, () => {
  const random = randomOf(SEED)
  let done = 0
  const limits = { maxFailures: 30, maxLosses: 30, maxFetchFailures: 60 }
  for (let round = 0; round < 1000; round++) {
    const graph = randomGraph(random, { mostStages: 6, mostTasks: 4, tables: 0.2, barriers: 0.2 })
    const play = new Play(graph, { ...CLUSTER_JOB, ...limits }, random)
    let steps = 0
    const troubles = { failures: 0.2, losses: 0.05, spares: 0.2 }
    while (play.step(steps++ < 200 ? troubles : NO_TROUBLES))
      expect(steps, `round ${round}`).toBeLessThan(2000)
    expect(play.running, `attempts left of round ${round}`).toEqual([])
    expect(play.machine.status).not.toBe('running')
    if (play.machine.status === 'done') done++
  }
  expect(done).toBeGreaterThan(900)
})
