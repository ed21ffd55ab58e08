import type { Stage } from '../stages/index.ts'
import type { InputSlice, OutputLocation } from './cluster-events.ts'
import { StageOutputs } from './stage-outputs.ts'

/** Outputs that jobs of a session share (`Stage.keep`), and which of them makes what is not there. */
export interface KeptOutputs {
  readonly outputs: StageOutputs
  /** The machine of a job; null: nobody's. */
  maker: object | null
}

/** Where a task stands that is not done. */
export const IDLE = 0
/** Its caller knows that it wants an attempt. */
export const QUEUED = 1
export const RUNNING = 2
/** It has failed and waits a while. */
export const DELAYED = 3

/** Where one stage of a job stands. */
export class StageRun {
  stage: Stage
  /** A table that executors build from its inputs: no tasks of its own. */
  readonly isVirtual: boolean
  readonly kept: KeptOutputs | null
  /** Some reader of it is to run. */
  isNeeded = false
  /** It is needed, not complete, and this job's to make. */
  isMade = false
  /** Its inputs are complete, so its tasks may begin. */
  isReady = false
  wasComplete = false
  wasStarted = false
  /** Some attempt of it was made. */
  hasBegun = false
  queuedCount = 0
  /** Stages whose rows it, or a table it reads, is made of. */
  inputs: readonly number[] = []
  /** Stages that have it among their inputs. */
  readonly readers: StageRun[] = []
  /** Attempts that run, by task. */
  readonly running: Map<number, number[]> = new Map()
  /** How often outputs of a holder could not be fetched. */
  readonly blame: Map<number, number> = new Map()
  /** By task, what it reads; null: as usual. */
  slices: readonly (readonly InputSlice[])[] | null = null
  /** Where its outputs lie, for readers. */
  locations: { readonly version: number; readonly list: readonly OutputLocation[] } | null = null
  status: Uint8Array
  failures: Uint8Array
  losses: Uint8Array
  fetchFailures: Uint8Array
  outputs: StageOutputs

  constructor(stage: Stage, isVirtual: boolean, kept: KeptOutputs | null) {
    this.stage = stage
    this.isVirtual = isVirtual
    this.kept = kept
    this.outputs = kept?.outputs ?? new StageOutputs(isVirtual ? 0 : stage.taskCount)
    const { taskCount } = this.outputs
    this.status = new Uint8Array(taskCount)
    this.failures = new Uint8Array(taskCount)
    this.losses = new Uint8Array(taskCount)
    this.fetchFailures = new Uint8Array(taskCount)
  }

  get id(): number {
    return this.stage.id
  }

  get isBarrier(): boolean {
    return this.stage.barrier === true
  }

  /** Takes another plan and number of tasks; only before its first attempt. */
  change(stage: Stage, slices: readonly (readonly InputSlice[])[] | null): void {
    this.stage = stage
    this.slices = slices
    if (stage.taskCount === this.outputs.taskCount) return
    this.outputs = new StageOutputs(stage.taskCount)
    this.status = new Uint8Array(stage.taskCount)
    this.failures = new Uint8Array(stage.taskCount)
    this.losses = new Uint8Array(stage.taskCount)
    this.fetchFailures = new Uint8Array(stage.taskCount)
  }

  /** Marks the task as queued; false: it is not idle. */
  enqueue(partition: number): boolean {
    if (this.status[partition] !== IDLE) return false
    this.status[partition] = QUEUED
    this.queuedCount++
    return true
  }

  setStatus(partition: number, status: number): void {
    if (this.status[partition] === QUEUED) this.queuedCount--
    this.status[partition] = status
  }

  /** Queues all that are idle and not done. */
  enqueueAll(): number[] {
    const partitions: number[] = []
    for (let partition = 0; partition < this.status.length; partition++)
      if (!this.outputs.isDone(partition) && this.enqueue(partition)) partitions.push(partition)
    return partitions
  }

  isRunning(partition: number, attempt: number): boolean {
    return this.running.get(partition)?.includes(attempt) ?? false
  }

  addRunning(partition: number, attempt: number): void {
    this.hasBegun = true
    const attempts = this.running.get(partition)
    if (attempts === undefined) this.running.set(partition, [attempt])
    else attempts.push(attempt)
  }

  /** Whether it ran; how many others still do is left in `running`. */
  removeRunning(partition: number, attempt: number): boolean {
    const attempts = this.running.get(partition)
    if (attempts === undefined) return false
    const at = attempts.indexOf(attempt)
    if (at < 0) return false
    if (attempts.length === 1) this.running.delete(partition)
    else attempts.splice(at, 1)
    return true
  }
}
