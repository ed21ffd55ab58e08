import type { SchedulerCore } from '../../../../driver/cluster/driver-loop.ts'
import type { ExecutorState, JobState } from '../../../../driver/scheduler/cluster-state.ts'
import type {
  ClusterEffect,
  ClusterEvent,
  ClusterScheduler,
  StageOutputs,
} from '../../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../../driver/stages/index.ts'
import type { World } from './world.ts'

/** A scheduler of which every answer is checked. */
export class CheckedScheduler implements SchedulerCore {
  readonly #inner: SchedulerCore
  readonly #scheduler: ClusterScheduler
  readonly #world: World
  /** Attempts that counted when last looked at, by the outputs of a stage. */
  readonly #counted: WeakMap<StageOutputs, { readonly holders: Int32Array; readonly attempts: Int32Array }> =
    new WeakMap()
  readonly #dropped: Set<string> = new Set()

  /** `inner` is the scheduler itself, or one with a planted bug over it. */
  constructor(world: World, scheduler: ClusterScheduler, inner: SchedulerCore) {
    this.#world = world
    this.#scheduler = scheduler
    this.#inner = inner
  }

  handle(event: ClusterEvent, nowMs: number): readonly ClusterEffect[] {
    if (event.kind === 'keptDropped') this.#dropped.add(`${event.sessionId}/kept:${event.key}`)
    const effects = this.#inner.handle(event, nowMs)
    for (const effect of effects) this.#checkEffect(effect)
    this.#checkSlots()
    this.#checkMemory()
    for (const job of this.#scheduler.state.jobs.values()) this.#checkJob(job)
    return effects
  }

  nextWakeMs(): number | null {
    return this.#inner.nextWakeMs()
  }

  graphOf(jobId: string): JobGraph | undefined {
    return this.#inner.graphOf(jobId)
  }

  /** After everything has ended: nothing may be left. */
  checkEmpty(): void {
    const { jobs, attempts, sessions, executors, workers, holders } = this.#scheduler.state
    const left = {
      jobs: jobs.size,
      attempts: attempts.size,
      sessions: sessions.size,
      executors: executors.size,
    }
    for (const [what, count] of Object.entries(left))
      if (count > 0) this.#world.fault(`${count} ${what} are left at the end`)
    if (holders.size !== workers.size) this.#world.fault(`${holders.size} holders are left at the end`)
    for (const { id, usedSlots, usedMemoryBytes } of workers.values())
      if (usedSlots !== 0 || usedMemoryBytes !== 0)
        this.#world.fault(
          `worker ${id} has ${usedSlots} slots and ${usedMemoryBytes} bytes in use at the end`,
        )
  }

  #checkEffect(effect: ClusterEffect): void {
    if (effect.kind === 'launch') this.#checkLaunch(effect.executorId, effect.tasks)
    if (effect.kind === 'release' && effect.jobId.includes('/kept:') && !this.#dropped.has(effect.jobId))
      this.#world.fault(`${effect.jobId} is released, though nobody dropped it`)
    if (effect.kind === 'note') this.#world.hit(`note: ${effect.note.kind}`)
  }

  #checkLaunch(executorId: string, tasks: readonly { readonly jobId: string }[]): void {
    const { executors, workers, jobs } = this.#scheduler.state
    const executor = executors.get(executorId)
    if (executor?.state !== 'ready') this.#world.fault(`a launch on ${executorId}, which is not ready`)
    else if (workers.get(executor.worker.id) !== executor.worker)
      this.#world.fault(`a launch on ${executorId}, whose worker is lost`)
    else if (executor.worker.isDraining) this.#world.fault(`a launch on ${executorId}, whose worker drains`)
    for (const { jobId } of tasks)
      if (!jobs.has(jobId)) this.#world.fault(`a launch of job ${jobId}, which has ended`)
  }

  #checkSlots(): void {
    const { workers, sessions, attempts } = this.#scheduler.state
    let total = 0
    for (const worker of workers.values()) {
      let used = 0
      for (const { running, ahead, threads, id } of worker.executors.values()) {
        used += running.size
        total += running.size + ahead.size
        if (running.size > threads) this.#world.fault(`${id} has more tasks than threads`)
      }
      if (used !== worker.usedSlots || used > worker.slots)
        this.#world.fault(`worker ${worker.id} counts ${worker.usedSlots} slots, ${used} are in use`)
    }
    if (total !== attempts.size) this.#world.fault(`${attempts.size} attempts, ${total} on executors`)
    for (const session of sessions.values()) {
      let used = 0
      for (const { running } of session.executors) used += running.size
      if (used !== session.usedSlots) this.#world.fault(`session ${session.id} counts ${session.usedSlots}`)
      if (session.maxSlots > 0 && used > session.maxSlots)
        this.#world.fault(`session ${session.id} has ${used} slots of ${session.maxSlots}`)
    }
  }

  #checkMemory(): void {
    for (const worker of this.#scheduler.state.workers.values()) {
      let used = 0
      const all: Iterable<ExecutorState>[] = [worker.executors.values(), worker.stopping]
      for (const executors of all) for (const { memoryBytes } of executors) used += memoryBytes
      if (used !== worker.usedMemoryBytes || used > worker.memoryBytes)
        this.#world.fault(`worker ${worker.id} counts ${worker.usedMemoryBytes} bytes, ${used} are in use`)
    }
  }

  #checkJob({ id, machine, attempts }: JobState): void {
    let running = 0
    for (const run of machine.stages.runs) {
      for (const numbers of run.running.values()) running += numbers.length
      this.#checkCommits(id, run.id, run.outputs)
    }
    if (running !== attempts.size)
      this.#world.fault(`job ${id} has ${running} attempts, the cluster ${attempts.size} of it`)
    const queued = machine.stages.runs.reduce((sum, run) => sum + (run.isReady ? run.queuedCount : 0), 0)
    if (queued !== machine.pendingCount) this.#world.fault(`job ${id} counts ${machine.pendingCount} tasks`)
  }

  /** What counts goes on to count, until it is lost. */
  #checkCommits(jobId: string, stageId: number, outputs: StageOutputs): void {
    const before = this.#counted.get(outputs)
    let done = 0
    for (let task = 0; task < outputs.taskCount; task++) {
      if (!outputs.isDone(task)) continue
      done++
      const isSame = before === undefined || before.holders[task] === -1
      if (!isSame && before.attempts[task] !== outputs.attempts[task])
        this.#world.fault(`task ${task} of stage ${stageId} of ${jobId} counts twice`)
    }
    if (done !== outputs.doneCount)
      this.#world.fault(`stage ${stageId} of ${jobId} counts ${outputs.doneCount}`)
    this.#counted.set(outputs, { holders: outputs.holders.slice(), attempts: outputs.attempts.slice() })
  }
}
