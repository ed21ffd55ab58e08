import type { TaskMessage, TaskReply } from '../../proto/messages/index.ts'

/** Tasks that one thread may have, the running one among them. */
export const MOST_POSTED = 64

/** Words that a thread shares with us: the id of the task to be stopped, and one for each task posted. */
export const CONTROL_WORDS = 1 + MOST_POSTED

/** Hears what happens to one task. Exactly one of `done`, `failed` and `lost` comes, at the end. */
export interface TaskListener {
  onMessage(message: TaskReply): void
  /** The thread ended under the task; its regions are freed by the job's tag. */
  onLost(reason: string): void
}

/** A task and who hears of it. */
export interface SubmittedTask {
  readonly message: TaskMessage
  readonly listener: TaskListener
}

/** A task at a thread. */
export interface PostedTask extends SubmittedTask {
  /** The word that has the task's id until the task begins, or is taken back. */
  readonly claimAt: number
}

/**
 * The tasks that were posted to one thread and have not ended, in the order in which they run. Those at the
 * end wait; the thread and its pool agree on who has them by a compare and exchange of one word a task.
 */
export class PostedTasks {
  readonly #control: Int32Array
  readonly #posted: PostedTask[] = []
  readonly #freeWords: number[] = Array.from({ length: MOST_POSTED }, (_, index) => MOST_POSTED - index)

  constructor(control: Int32Array) {
    this.#control = control
  }

  get count(): number {
    return this.#posted.length
  }

  /** The task that runs, or runs next. */
  get first(): PostedTask | undefined {
    return this.#posted[0]
  }

  some(wanted: (message: TaskMessage) => boolean): boolean {
    return this.#posted.some(({ message }) => wanted(message))
  }

  /** A task on its way to the thread. There is room for it while `count` is below MOST_POSTED. */
  add({ message, listener }: SubmittedTask): PostedTask {
    const posted = { message, listener, claimAt: this.#freeWords.pop()! }
    Atomics.store(this.#control, posted.claimAt, message.taskId)
    this.#posted.push(posted)
    return posted
  }

  /** A task of which the thread has told something; undefined if it is not here any more. */
  find(taskId: number): PostedTask | undefined {
    return this.#posted.find(({ message }) => message.taskId === taskId)
  }

  /** A task that has ended. */
  remove(task: PostedTask): void {
    const index = this.#posted.indexOf(task)
    if (index < 0) return
    this.#posted.splice(index, 1)
    this.#freeWords.push(task.claimAt)
  }

  /** At most `count` of the tasks that wait, those that came last; they will not run here. In their order. */
  takeBack(count: number, wanted: (message: TaskMessage) => boolean = () => true): SubmittedTask[] {
    const taken: SubmittedTask[] = []
    for (let index = this.#posted.length - 1; index >= 0 && taken.length < count; index--) {
      const task = this.#posted[index]!
      if (!wanted(task.message)) continue
      const { taskId } = task.message
      if (Atomics.compareExchange(this.#control, task.claimAt, taskId, 0) !== taskId) continue
      this.remove(task)
      taken.push(task)
    }
    return taken.reverse()
  }

  /** The task that runs, if one does: the last of those that have begun. */
  running(): PostedTask | undefined {
    return this.#posted.findLast(
      ({ message, claimAt }) => Atomics.load(this.#control, claimAt) !== message.taskId,
    )
  }
}
