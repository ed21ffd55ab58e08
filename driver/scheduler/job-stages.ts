import type { JobGraph, Stage } from '../stages/index.ts'
import type { JobEffect, MovedOutputs, TaskAttempt } from './events.ts'
import type { JobLimits } from './job-limits.ts'
import { NO_HOLDER } from './stage-outputs.ts'
import { IDLE, type KeptOutputs, QUEUED, StageRun } from './stage-run.ts'

export interface JobStagesOptions extends JobLimits {
  /** Kept outputs by the stage that makes them; null: `keep` means nothing here. */
  readonly kept: ((stage: Stage) => KeptOutputs) | null
  /** Asked when a stage may begin for the first time: it may change it, and says what it changed. */
  /** Asked when a stage is complete: it may replace stages that have not begun, and says which and how. */
  readonly onComplete:
    | ((stages: JobStages, stageId: number) => readonly { readonly stageId: number; readonly text: string }[])
    | null
  /** Whether a stage that may begin is to wait for others that run. */
  readonly waits: ((stages: JobStages, stageId: number) => boolean) | null
  readonly adapt: ((stages: JobStages, stageId: number) => readonly string[]) | null
}

/**
 * The stages of a job: which are needed, which may begin, and what lost outputs bring back. What is needed
 * follows from the result backwards: a stage runs while some reader of it does and outputs of it are missing,
 * so that a lost output brings back just the tasks that make it, through as many stages as it takes.
 */
export class JobStages {
  readonly runs: StageRun[]
  /** Tasks that are queued and may begin. */
  pendingCount = 0
  /** Partitions of the result that the client has. */
  readonly taken: Set<number> = new Set()
  /** What the event under way has brought so far. */
  effects: JobEffect[] = []
  readonly #options: JobStagesOptions
  readonly #reused: ReadonlySet<number>

  constructor(graph: JobGraph, options: JobStagesOptions) {
    this.#options = options
    this.#reused = graph.reusedExchanges
    this.runs = graph.stages.map((stage) => this.#runOf(stage))
    this.linkStages()
  }

  /** The graph as it is now: adaptive execution may have changed it. */
  get graph(): JobGraph {
    return { stages: this.runs.map(({ stage }) => stage), reusedExchanges: this.#reused }
  }

  get result(): StageRun {
    return this.runs.at(-1)!
  }

  /** Finds anew which stage reads which; after their inputs have changed. */
  linkStages(): void {
    for (const run of this.runs) run.readers.length = 0
    for (const run of this.runs) {
      run.inputs = [...this.#rowInputs(run.stage)]
      if (!run.isVirtual) for (const input of run.inputs) this.runs[input]!.readers.push(run)
    }
  }

  #rowInputs({ inputs }: Stage): Set<number> {
    const found = new Set<number>()
    for (const input of inputs) {
      const { isVirtual, stage } = this.runs[input]!
      for (const each of isVirtual ? this.#rowInputs(stage) : [input]) found.add(each)
    }
    return found
  }

  isComplete(run: StageRun): boolean {
    return run.isVirtual
      ? run.inputs.every((input) => this.runs[input]!.outputs.isComplete)
      : run.outputs.isComplete
  }

  #runOf(stage: Stage): StageRun {
    const { kept, tables } = this.#options
    const isVirtual = tables === 'virtual' && stage.output?.kind === 'table'
    return new StageRun(stage, isVirtual, kept !== null && stage.keep !== undefined ? kept(stage) : null)
  }

  /** Puts other stages in the place of some that have not begun. */
  replace(stages: readonly Stage[]): void {
    for (const stage of stages) this.runs[stage.id] = this.#runOf(stage)
    this.linkStages()
  }

  /** Looks at stages that have become complete, which may change others. */
  #adaptToComplete(): void {
    const { onComplete } = this.#options
    if (onComplete === null) return
    for (const { id, outputs, wasComplete, isVirtual } of this.runs)
      if (!isVirtual && !wasComplete && outputs.isComplete && outputs.taskCount > 0)
        for (const { stageId, text } of onComplete(this, id))
          this.effects.push({ kind: 'adapted', stageId, text })
  }

  /** Brings every stage to where the outputs that are there say it stands. */
  settle(): void {
    this.#adaptToComplete()
    for (const run of this.runs.toReversed()) {
      run.isNeeded = run === this.result || run.readers.some(({ isMade }) => isMade)
      run.isMade = run.isNeeded && !run.isVirtual && !run.outputs.isComplete && this.#claim(run)
    }
    for (const run of this.runs) {
      this.#noteEnd(run)
      const isReady = this.#mayBegin(run)
      const opens = isReady && !run.isReady
      run.isReady = isReady
      if (opens) this.#open(run)
      else if (isReady && run.kept !== null)
        this.queue(run, run.enqueueAll()) // Another job found some lost.
      else if (this.#options.release === 'eager' && !run.isNeeded) this.#release(run)
    }
    this.countPending()
  }

  #mayBegin(run: StageRun): boolean {
    if (!run.isMade || !run.inputs.every((input) => this.runs[input]!.outputs.isComplete)) return false
    return run.isReady || this.#options.waits?.(this, run.id) !== true
  }

  countPending(): void {
    this.pendingCount = 0
    for (const run of this.runs) if (run.isReady) this.pendingCount += run.queuedCount
  }

  /** Whether the missing outputs of a stage are this job's to make: those of kept ones may be another's. */
  #claim({ kept }: StageRun): boolean {
    if (kept === null) return true
    kept.maker ??= this
    return kept.maker === this
  }

  #noteEnd(run: StageRun): void {
    const isComplete = this.isComplete(run)
    if (isComplete && !run.wasComplete && run.wasStarted)
      this.effects.push({ kind: 'stageEnded', stageId: run.id })
    run.wasComplete = isComplete
    if (!run.isMade) this.unclaim(run)
  }

  unclaim({ id, kept }: StageRun): void {
    if (kept?.maker !== this) return
    kept.maker = null
    this.effects.push({ kind: 'keptChanged', stageId: id })
  }

  #open(run: StageRun): void {
    if (!run.wasStarted) {
      for (const text of this.#options.adapt?.(this, run.id) ?? [])
        this.effects.push({ kind: 'adapted', stageId: run.id, text })
      run.wasStarted = true
      this.effects.push({ kind: 'stageStarted', stageId: run.id })
    }
    if (run.isBarrier) this.restart(run)
    else this.queue(run, run.enqueueAll())
  }

  queue(run: StageRun, partitions: readonly number[]): void {
    if (partitions.length > 0) this.effects.push({ kind: 'queue', stageId: run.id, partitions })
  }

  /** Tasks of a barrier stage begin together, so all that were done or run count no more. */
  restart(run: StageRun): void {
    this.reset(run, IDLE)
    this.queue(run, run.enqueueAll())
  }

  reset(run: StageRun, status: number): void {
    this.cancelAll(run)
    for (let partition = 0; partition < run.status.length; partition++) {
      if (run === this.result && this.taken.has(partition)) continue
      run.outputs.clear(partition)
      run.setStatus(partition, status)
    }
  }

  cancelAll(run: StageRun): void {
    for (const [partition, attempts] of run.running)
      for (const attempt of attempts)
        this.effects.push({ kind: 'cancel', stageId: run.id, partition, attempt })
    run.running.clear()
  }

  #release(run: StageRun): void {
    if (run.outputs.doneCount === 0 || run.kept !== null || run === this.result) return
    run.outputs.clearAll()
    run.wasComplete = false
    this.effects.push({ kind: 'releaseOutput', stageId: run.id })
  }

  requeue(run: StageRun, partition: number): void {
    if (run.outputs.isDone(partition) || !run.enqueue(partition)) return
    this.pendingCount++
    this.queue(run, [partition])
  }

  /** A queued task wants no attempt any more. */
  dequeue(run: StageRun, partition: number): void {
    if (run.status[partition] !== QUEUED) return
    run.setStatus(partition, IDLE)
    if (run.isReady) this.pendingCount--
  }

  /** An output that could not be had; of a holder that fails so again and again, all of the stage. */
  lose({ stageId, partition, attempt }: TaskAttempt): void {
    const run = this.runs[stageId]!
    const { holders, attempts } = run.outputs
    const holder = holders[partition]
    if (holder === undefined || holder < 0 || attempts[partition] !== attempt) return
    const blame = (run.blame.get(holder) ?? 0) + 1
    run.blame.set(holder, blame)
    const all = blame >= MOST_BLAME ? [...holders.keys()].filter((at) => holders[at] === holder) : [partition]
    this.#loseOutputs(run, all)
  }

  #loseOutputs(run: StageRun, partitions: readonly number[]): void {
    if (partitions.length === 0) return
    for (const partition of partitions) run.outputs.clear(partition)
    this.effects.push({ kind: 'outputsLost', stageId: run.id, count: partitions.length })
    if (run.kept !== null) this.effects.push({ kind: 'keptChanged', stageId: run.id })
    if (!run.isReady) return // It is complete or waits; if it is needed, it opens again.
    if (run.isBarrier) this.restart(run)
    else for (const partition of partitions) this.requeue(run, partition)
  }

  loseHolder(lost: number, moved: MovedOutputs | null): void {
    for (const run of this.runs) {
      const { holders, attempts } = run.outputs
      const gone: number[] = []
      for (let partition = 0; partition < holders.length; partition++) {
        if (holders[partition] !== lost) continue
        const attempt = attempts[partition]!
        const next = moved?.(run.id, partition, attempt) ?? NO_HOLDER
        if (next === NO_HOLDER) gone.push(partition)
        else run.outputs.move(partition, next)
        if (next !== NO_HOLDER && run === this.result && this.#options.takesResults)
          this.effects.push({ kind: 'resultReady', partition, attempt })
      }
      this.#loseOutputs(run, gone)
    }
  }
}

/** A holder whose outputs of a stage could not be fetched so often is taken to have none. */
const MOST_BLAME = 3
