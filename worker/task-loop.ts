import { assert } from '../engine/errors.ts'
import type { ForgetMessage, RunMessage, StageMessage, WaitingTask } from '../proto/messages/index.ts'
import type { ReplyOutbox } from './reply-outbox.ts'

/** A task of a stage whose last task took less is taken to be short. */
const SHORT_US = 500

/** What the loop needs of its thread. */
export interface LoopHost {
  readonly outbox: ReplyOutbox
  /** Takes the task, unless another thread has it. */
  claim(task: WaitingTask): boolean
  /** Runs a task to its end and says how many microseconds it took; never throws. */
  run(task: WaitingTask['task'], stage: StageMessage): Promise<number>
}

/** The tasks of one thread: those that wait, one after the other, and the stages they are of. */
export class TaskLoop {
  readonly #host: LoopHost
  readonly #waiting: WaitingTask[] = []
  readonly #stages = new Map<number, StageMessage>()
  #isRunning = false

  constructor(host: LoopHost) {
    this.#host = host
  }

  addStage(stage: StageMessage): void {
    this.#stages.set(stage.stageNumber, stage)
  }

  forget({ stageNumbers }: ForgetMessage): void {
    for (const stageNumber of stageNumbers) this.#stages.delete(stageNumber)
  }

  add({ tasks }: RunMessage): void {
    this.#waiting.push(...tasks)
    if (!this.#isRunning) void this.#runAll()
  }

  async #runAll(): Promise<void> {
    const { outbox } = this.#host
    this.#isRunning = true
    let last: StageMessage | undefined
    let lastUs = Number.POSITIVE_INFINITY
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!this.#host.claim(next)) continue
      const { task } = next
      const stage = this.#stages.get(task.stageNumber)
      outbox.begin(stage === last && lastUs < SHORT_US)
      assert(stage !== undefined, `stage ${task.stageNumber} came before its tasks`)
      lastUs = await this.#host.run(task, stage)
      last = stage
    }
    outbox.flush()
    this.#isRunning = false
  }
}
