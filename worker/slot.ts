import { parentPort, workerData } from 'node:worker_threads'
import { fileSystemOf, sinkOf, sourceOf } from '../connectors/index.ts'
import { assert } from '../engine/errors.ts'
import { MemoryPool } from '../engine/memory/index.ts'
import { fromPublic, rowReader, startCpuProfile } from '../engine/run/index.ts'
import { UserCodeHost } from '../engine/user-code/index.ts'
import type { ThreadInit, ToThread } from '../proto/messages/index.ts'
import { ReplyOutbox } from './reply-outbox.ts'
import { TaskLoop } from './task-loop.ts'
import { runTask, type TaskHost } from './task-runner.ts'

/** One worker thread: takes tasks from its process's driver, one after the other, over the shared arena. */
function serve(): void {
  const port = parentPort
  assert(port !== null, 'slot.ts runs as a worker thread')
  const init = workerData as ThreadInit
  const control = new Int32Array(init.control)
  const userCode = new UserCodeHost({
    rowReader: (schema, batch) => rowReader(schema, batch, {}),
    fromPublic,
  })
  const acks = new AckQueue()
  const profiler = init.profile ? startCpuProfile() : null
  const services: TaskHost['services'] = {
    source: sourceOf,
    sink: sinkOf,
    fileSystem: fileSystemOf,
    userFunction: (functionId) => userCode.functionOf(functionId),
    runUserCode: (program, input, task) => userCode.run(program, input, task),
    ready: () => userCode.ready(),
  }
  const outbox = new ReplyOutbox((message) => port.postMessage(message))
  const host: TaskHost = {
    pool: MemoryPool.attach(init.pool),
    services,
    outbox,
    isCancelled: (taskId) => Atomics.load(control, 0) === taskId,
    nextAck: () => acks.next(),
  }
  const loop = new TaskLoop({
    outbox,
    claim: ({ task: { taskId }, claimAt }) => Atomics.compareExchange(control, claimAt, taskId, 0) === taskId,
    run: (task, stage) => {
      acks.begin(task.taskId)
      return runTask(task, stage, host)
    },
  })
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'run':
        loop.add(message)
        break
      case 'stage':
        loop.addStage(message)
        break
      case 'forget':
        loop.forget(message)
        break
      case 'ack':
        acks.push(message.taskId)
        break
      case 'function':
        userCode.addFunction(message.fn)
        break
      case 'module':
        userCode.addModule(message.module)
        break
      case 'profile':
        void profiler?.then(async ({ stop }) => port.postMessage({ kind: 'profiled', profile: await stop() }))
        break
    }
  })
  void Promise.resolve(profiler).then(() => port.postMessage({ kind: 'ready' }))
}

/** Acks of the running task that nobody waited for yet, or somebody waiting for the next one. */
class AckQueue {
  #taskId = 0
  #ready = 0
  #wake: (() => void) | null = null

  /** Acks of other tasks come too late, and count no more. */
  push(taskId: number): void {
    if (taskId !== this.#taskId) return
    if (this.#wake === null) this.#ready++
    else {
      this.#wake()
      this.#wake = null
    }
  }

  begin(taskId: number): void {
    this.#taskId = taskId
    this.#ready = 0
    this.#wake = null
  }

  next(): Promise<void> {
    if (this.#ready > 0) {
      this.#ready--
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

serve()
