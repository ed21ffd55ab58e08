import type { ExecutorOrder } from '../../proto/cluster/index.ts'
import type { ClusterEffect, LaunchedTask } from '../scheduler/index.ts'
import { CopyTree } from './copy-tree.ts'
import type { Executors } from './executors.ts'
import type { LoopContext, Outbox } from './loop-context.ts'
import { executorOrder } from './orders.ts'
import type { Workers } from './workers.ts'

/** Where blocks are served: by an executor, or by a worker of what its executors left. */
export interface Holder {
  readonly executorId: string
  readonly address: string
  readonly certificate: string
}

/** Turns what the scheduler wants of executors into messages to them. */
export class TaskOrders {
  readonly #context: LoopContext
  readonly #executors: Executors
  readonly #workers: Workers
  /** By job and stage. */
  readonly #copies = new Map<string, Map<number, CopyTree>>()

  constructor(context: LoopContext, executors: Executors, workers: Workers) {
    this.#context = context
    this.#executors = executors
    this.#workers = workers
  }

  /**
   * Of a holder that is gone, an address that cannot be reached: who fetches from it says that it is missing.
   */
  holder(holderId: string): Holder {
    const { blockAddress, blockCertificate } = this.#executors.get(holderId) ??
      this.#workers.get(holderId) ?? { blockAddress: '', blockCertificate: '' }
    return { executorId: holderId, address: blockAddress, certificate: blockCertificate }
  }

  sendStage(executorId: string, pieces: readonly ExecutorOrder[]): void {
    const outbox = this.#executors.get(executorId)?.outbox
    for (const piece of pieces) outbox?.push(piece)
  }

  sendOutputs(effect: ClusterEffect & { kind: 'sendOutputs' }): void {
    const outbox = this.#executors.get(effect.executorId)?.outbox
    if (outbox === null || outbox === undefined) return
    const { executorId, jobId, stageId, version, source, locations } = effect
    const indexes = new Map<string, number>()
    const hostOfPartition = locations.map(({ holderId }) => {
      const index = indexes.get(holderId) ?? indexes.size
      indexes.set(holderId, index)
      return index
    })
    const hosts = [...indexes.keys()].map((holderId) => this.holder(holderId))
    const attemptOfPartition = locations.map(({ attempt }) => attempt)
    const { sourceId, passOn } = this.#copyTree(jobId, stageId, executorId).place(executorId, hosts.length)
    const copySource = sourceId === null ? undefined : this.holder(sourceId)
    outbox.push(
      executorOrder({
        case: 'outputs',
        value: {
          jobId,
          stage: stageId,
          version,
          hosts,
          hostOfPartition,
          attemptOfPartition,
          sourceJobId: source.jobId,
          sourceStage: source.stageId,
          passOn,
          ...(copySource === undefined ? {} : { copySource }),
        },
      }),
    )
  }

  launch(executorId: string, tasks: readonly LaunchedTask[]): void {
    const entry = this.#executors.get(executorId)
    if (entry === undefined) return
    const sentMs = this.#context.clock.nowMs()
    for (const task of tasks) {
      entry.attempts.set(task.attemptId, { task, sentMs })
      this.#context.tell(() => ({ kind: 'taskLaunched', executorId, ...attemptOf(task) }))
    }
    if (entry.outbox !== null) joinLaunch(entry.outbox, tasks)
  }

  cancel(executorId: string, attemptIds: readonly number[]): void {
    this.#executors
      .get(executorId)
      ?.outbox?.push(executorOrder({ case: 'cancel', value: { attemptIds: [...attemptIds] } }))
  }

  #copyTree(jobId: string, stageId: number, executorId: string): CopyTree {
    const ofJob = this.#copies.get(jobId) ?? new Map<number, CopyTree>()
    this.#copies.set(jobId, ofJob)
    let tree = ofJob.get(stageId)
    if (tree === undefined) {
      const sessionId = this.#executors.get(executorId)?.sessionId
      let most = 0
      for (const entry of this.#executors.all()) if (entry.sessionId === sessionId) most++
      tree = new CopyTree(most)
      ofJob.set(stageId, tree)
    }
    return tree
  }

  release({ executorId, jobId, stageId }: ClusterEffect & { kind: 'release' }): void {
    if (stageId === null) this.#copies.delete(jobId)
    const value = stageId === null ? { jobId } : { jobId, stage: stageId }
    this.#executors.get(executorId)?.outbox?.push(executorOrder({ case: 'release', value }))
  }
}

/** The names of an attempt, for records. */
export function attemptOf(task: LaunchedTask): Omit<LaunchedTask, 'slices'> {
  const { attemptId, jobId, stageId, partition, attempt } = task
  return { attemptId, jobId, stageId, partition, attempt }
}

/** Tasks join a launch that waits as the last message, so that a turn sends one message an executor. */
function joinLaunch(outbox: Outbox<ExecutorOrder>, tasks: readonly LaunchedTask[]): void {
  const launch = executorOrder({ case: 'launch', value: { tasks: tasks.map(taskLaunch) } })
  const { last } = outbox
  if (last?.kind.case === 'launch' && launch.kind.case === 'launch')
    last.kind.value.tasks.push(...launch.kind.value.tasks)
  else outbox.push(launch)
}

function taskLaunch({ attemptId, jobId, stageId, partition, attempt, slices }: LaunchedTask) {
  return {
    attemptId,
    jobId,
    stage: stageId,
    partition,
    attempt,
    slices: (slices ?? []).map(({ stageId: stage, fromPartition, toPartition, fromMap, toMap }) => ({
      stage,
      fromPartition,
      toPartition,
      fromMap,
      toMap,
    })),
  }
}
