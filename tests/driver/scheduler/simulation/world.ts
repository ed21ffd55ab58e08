import { TimeHeap } from '../../../../driver/scheduler/time-heap.ts'
import { randomOf } from '../random-graph.ts'

/** Simulated time, chance and network, and what happened. All of it follows from the seed. */
export class World {
  nowMs = 0
  readonly random: () => number
  /** What happened how often, by kind. */
  readonly hits: Map<string, number> = new Map()
  /** What must not be. */
  readonly faults: string[] = []
  eventCount = 0
  readonly #queue: TimeHeap<() => void> = new TimeHeap()
  /** Until when two hosts do not hear each other. */
  readonly #blockedUntil: Map<string, number> = new Map()

  constructor(seed: number) {
    this.random = randomOf(seed)
  }

  /** Runs until the time is over, `isDone` holds, or something is wrong. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    while (this.faults.length === 0 && !isDone()) {
      const run = this.#queue.popDue(untilMs)
      if (run === undefined) {
        this.nowMs = untilMs
        return
      }
      run()
      this.eventCount++
    }
  }

  /** Calls back after a while. */
  at(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(0, delayMs)
    this.#queue.push(atMs, () => {
      this.nowMs = Math.max(this.nowMs, atMs)
      run()
    })
  }

  between(from: number, to: number): number {
    return from + this.random() * (to - from)
  }

  integer(count: number): number {
    return Math.floor(this.random() * count)
  }

  chance(part: number): boolean {
    return this.random() < part
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values.length === 0 ? undefined : values[this.integer(values.length)]
  }

  hit(kind: string): void {
    this.hits.set(kind, (this.hits.get(kind) ?? 0) + 1)
  }

  fault(text: string): void {
    this.faults.push(`${Math.round(this.nowMs)} ms: ${text}`)
  }

  /** Messages between two hosts wait from now on. */
  block(one: string, other: string, forMs: number): void {
    this.#blockedUntil.set(pairOf(one, other), this.nowMs + forMs)
  }

  blockedUntil(one: string, other: string): number {
    return this.#blockedUntil.get(pairOf(one, other)) ?? 0
  }

  canReach(one: string, other: string): boolean {
    return this.blockedUntil(one, other) <= this.nowMs
  }

  /** All partitions are over. */
  heal(): void {
    this.#blockedUntil.clear()
  }
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one}|${other}` : `${other}|${one}`
}

/** Something that runs on a host: it may be killed, or stand still for a while. */
export class Process {
  isAlive = true
  frozenUntil = 0
  readonly world: World
  readonly host: string

  constructor(world: World, host: string) {
    this.world = world
    this.host = host
  }

  /** Does something later, unless it is dead by then; later still if it stands still. */
  later(delayMs: number, run: () => void): void {
    this.world.at(delayMs, () => {
      if (!this.isAlive) return
      if (this.frozenUntil > this.world.nowMs) this.later(this.frozenUntil - this.world.nowMs, run)
      else run()
    })
  }

  every(intervalMs: number, run: () => void): void {
    this.later(intervalMs, () => {
      run()
      this.every(intervalMs, run)
    })
  }

  freeze(forMs: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.world.nowMs + forMs)
  }
}
