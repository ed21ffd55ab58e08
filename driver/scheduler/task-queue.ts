import type { JobMachine } from './job-machine.ts'

/** Where a task would rather run: numbers of executors, names of hosts. */
export type Places = readonly (number | string)[]

/**
 * The waiting tasks of a stage. A task may stand in several lists; whoever takes it from one asks the machine
 * whether it still wants to run, so what is left of it in the others falls away when it is met.
 */
export class TaskQueue {
  /** Whether the last pick left tasks that wait for a better place. */
  hasRefused = false
  #lastLocalMs: number
  readonly #free = new Fifo()
  readonly #placed = new Fifo()
  readonly #byPlace: Map<number | string, Fifo> = new Map()
  readonly #placesOf: ((partition: number) => Places) | null

  /** `placesOf`: null if no task has any. */
  constructor(nowMs: number, placesOf: ((partition: number) => Places) | null) {
    this.#lastLocalMs = nowMs
    this.#placesOf = placesOf
  }

  add(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const places = this.#placesOf?.(partition) ?? []
      if (places.length === 0) this.#free.push(partition)
      else this.#placed.push(partition)
      for (const place of places) this.#listOf(place).push(partition)
    }
  }

  /**
   * A task for an executor, which has begun for the machine; null: none, or none yet. A task with places
   * waits `waitMs` after the last one that had its way.
   */
  pick(
    machine: JobMachine,
    stageId: number,
    at: { readonly executor: number; readonly host: string; readonly nowMs: number; readonly waitMs: number },
  ): { readonly partition: number; readonly attempt: number } | null {
    this.hasRefused = false
    const near = this.#take(machine, stageId, this.#byPlace.get(at.executor)) ?? null
    const local = near ?? this.#take(machine, stageId, this.#byPlace.get(at.host))
    if (local !== null) {
      this.#lastLocalMs = at.nowMs
      return local
    }
    const free = this.#take(machine, stageId, this.#free)
    if (free !== null) return free
    if (at.nowMs >= this.#lastLocalMs + at.waitMs) return this.#take(machine, stageId, this.#placed)
    this.hasRefused = this.#placed.length > 0
    return null
  }

  /** When tasks that wait for a better place go anywhere. */
  openMs(waitMs: number): number {
    return this.#lastLocalMs + waitMs
  }

  #listOf(place: number | string): Fifo {
    let list = this.#byPlace.get(place)
    if (list === undefined) {
      list = new Fifo()
      this.#byPlace.set(place, list)
    }
    return list
  }

  #take(machine: JobMachine, stageId: number, list: Fifo | undefined) {
    for (;;) {
      const partition = list?.shift()
      if (partition === undefined) return null
      const attempt = machine.begin(stageId, partition)
      if (attempt >= 0) return { partition, attempt }
    }
  }
}

/** Numbers, first in first out. */
class Fifo {
  #items: number[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: number): void {
    this.#items.push(item)
  }

  shift(): number | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head++]
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
