import type { TaskMessage } from '../../proto/messages/index.ts'
import type { SubmittedTask } from './claims.ts'

/** Tasks that wait for a thread, first come first served; made for hundreds of thousands of them. */
export class TaskQueue {
  #tasks: SubmittedTask[] = []
  #head = 0

  get length(): number {
    return this.#tasks.length - this.#head
  }

  push(task: SubmittedTask): void {
    this.#tasks.push(task)
  }

  /** Tasks that were given out and come back are next. */
  putBack(tasks: readonly SubmittedTask[]): void {
    this.#tasks = [...tasks, ...this.#tasks.slice(this.#head)]
    this.#head = 0
  }

  shift(): SubmittedTask | undefined {
    if (this.#head === this.#tasks.length) return undefined
    const task = this.#tasks[this.#head++]
    if (this.#head > 1000 && this.#head * 2 > this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head)
      this.#head = 0
    }
    return task
  }

  /** Takes out tasks that nobody wants any more. */
  drop(unwanted: (message: TaskMessage) => boolean): readonly SubmittedTask[] {
    const all = this.clear()
    this.#tasks = all.filter(({ message }) => !unwanted(message))
    return all.filter(({ message }) => unwanted(message))
  }

  /** All tasks, which are not here any more. */
  clear(): readonly SubmittedTask[] {
    const all = this.#tasks.slice(this.#head)
    this.#tasks = []
    this.#head = 0
    return all
  }
}
