import { expect } from 'vitest'
import {
  type ClusterEffect,
  type ClusterEvent,
  ClusterScheduler,
  type ClusterSchedulerOptions,
  type LaunchedTask,
} from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import { ANY_PLAN } from './random-graph.ts'

/** A scheduler whose executors start at once, with workers of the given slots. */
export class BareCluster {
  readonly scheduler: ClusterScheduler
  readonly effects: ClusterEffect[] = []
  readonly running: Map<number, LaunchedTask & { readonly executorId: string }> = new Map()
  nowMs = 0

  constructor(slots: readonly number[], options: ClusterSchedulerOptions = {}) {
    this.scheduler = new ClusterScheduler(options)
    for (const [index, count] of slots.entries()) this.join(`w${index}`, count)
    this.open('s')
  }

  join(workerId: string, slots: number): void {
    this.hear({ kind: 'workerJoined', workerId, host: workerId, slots, memoryBytes: 1000, outputs: [] })
  }

  open(sessionId: string, maxSlots = 0, settings: ReadonlyMap<string, string> = new Map()): void {
    this.hear({ kind: 'sessionOpened', sessionId, executorMemoryBytes: 400, maxSlots, settings })
  }

  submit(jobId: string, graph: JobGraph, sessionId = 's', pool = ''): void {
    this.hear({ kind: 'jobSubmitted', jobId, sessionId, graph, pool })
  }

  hear(event: ClusterEvent): void {
    for (const effect of this.scheduler.handle(event, this.nowMs)) {
      this.effects.push(effect)
      if (effect.kind === 'launch')
        for (const task of effect.tasks)
          this.running.set(task.attemptId, { ...task, executorId: effect.executorId })
      if (effect.kind === 'cancelAttempts') for (const id of effect.attemptIds) this.running.delete(id)
      if (effect.kind === 'startExecutor') this.hear({ kind: 'executorReady', executorId: effect.executorId })
      if (effect.kind === 'resultReady')
        this.hear({ kind: 'resultTaken', jobId: effect.jobId, partition: effect.partition })
    }
  }

  succeed(attemptId: number, partitionBytes: readonly number[] = [1]): void {
    this.running.delete(attemptId)
    const result = { ok: true, partitionBytes, partitionRows: [1], durable: false, inline: false } as const
    this.hear({ kind: 'taskEnded', attemptId, result })
  }

  finishAll(): void {
    while (this.running.size > 0) this.succeed([...this.running.keys()][0]!)
  }

  /** How many attempts run, by executor or job. */
  count(by: 'executorId' | 'jobId'): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const task of this.running.values()) counts[task[by]] = (counts[task[by]] ?? 0) + 1
    return counts
  }

  of<K extends ClusterEffect['kind']>(kind: K): Extract<ClusterEffect, { readonly kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<ClusterEffect, { readonly kind: K }> => {
      return effect.kind === kind
    })
  }

  expectEmpty(): void {
    const { attempts, jobs, workers } = this.scheduler.state
    expect([attempts.size, jobs.size]).toEqual([0, 0])
    for (const worker of workers.values()) expect(worker.usedSlots).toBe(0)
  }
}

/** Stages that read each other, one after the other. */
export function stages(...taskCounts: number[]): JobGraph {
  return {
    stages: taskCounts.map((taskCount, id) => ({
      id,
      plan: ANY_PLAN,
      taskCount,
      output: id === taskCounts.length - 1 ? null : { kind: 'single' },
      inputs: id === 0 ? [] : [id - 1],
    })),
    reusedExchanges: new Set(),
  }
}
