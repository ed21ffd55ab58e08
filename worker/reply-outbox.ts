import { mergeMetrics, monotonicUs } from '../engine/run/index.ts'
import type { DoneMessage, FromThread, TaskReply } from '../proto/messages/index.ts'

/** What is to be told of short tasks waits at most so long, as a message costs more than such a task. */
const HOLD_US = 1000

/**
 * What a thread has to tell of its tasks. Of short tasks several replies travel together: those may wait for
 * the next task, but no longer than a moment, and not while that one waits for something.
 */
export class ReplyOutbox {
  readonly #post: (message: FromThread) => void
  #replies: TaskReply[] = []
  #firstDone: DoneMessage | null = null
  #holds = false
  #firstUs = 0
  #isTimed = false

  constructor(post: (message: FromThread) => void) {
    this.#post = post
  }

  /** A task begins. `holds`: it will be short, so what it tells may wait for others. */
  begin(holds: boolean): void {
    this.#holds = holds
    if (!holds) this.flush()
  }

  add(reply: TaskReply): void {
    if (reply.kind === 'done') {
      // All that wait are of one stage.
      if (this.#firstDone === null) this.#firstDone = reply
      else moveMetrics(this.#firstDone, reply)
    }
    if (this.#replies.length === 0) this.#firstUs = monotonicUs()
    this.#replies.push(reply)
    if (!this.#holds || monotonicUs() - this.#firstUs > HOLD_US) this.flush()
    else if (!this.#isTimed) {
      this.#isTimed = true
      // Comes when the thread waits for something, or has nothing to do.
      setImmediate(() => {
        this.#isTimed = false
        this.flush()
      })
    }
  }

  flush(): void {
    if (this.#replies.length === 0) return
    const replies = this.#replies
    this.#replies = []
    this.#firstDone = null
    this.#post({ kind: 'replies', replies })
  }
}

/** One task has the counts of both: the driver adds them up anyway, and each would cost it time. */
function moveMetrics(into: DoneMessage, { metrics }: DoneMessage): void {
  mergeMetrics(into.metrics, metrics)
  for (const nodeId of Object.keys(metrics)) delete metrics[Number(nodeId)]
}
