import { expect, test } from 'vitest'
import type { TaskMessage } from '../../../proto/messages/index.ts'
import { CONTROL_WORDS, MOST_POSTED, PostedTasks } from '../../../worker/threads/claims.ts'
import { TaskQueue } from '../../../worker/threads/task-queue.ts'

function taskOf(
  taskId: number,
  tag = 1,
): { message: TaskMessage; listener: { onMessage(): void; onLost(): void } } {
  const message = { taskId, tag, stageNumber: 1, partition: taskId, attempt: 0 }
  return { message, listener: { onMessage: () => {}, onLost: () => {} } }
}

const idsOf = (tasks: readonly { message: TaskMessage }[]) => tasks.map(({ message }) => message.taskId)

/** What the thread does when it begins a task. */
function claim(
  control: Int32Array,
  { claimAt, message }: { claimAt: number; message: TaskMessage },
): boolean {
  return Atomics.compareExchange(control, claimAt, message.taskId, 0) === message.taskId
}

test('a task that has begun is not taken back, and one that was taken back does not begin', () => {
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS))
  const tasks = new PostedTasks(control)
  const [one, two, three] = [1, 2, 3].map((id) => tasks.add(taskOf(id)))
  expect(tasks.running()).toBeUndefined()
  expect(claim(control, one!)).toBe(true)
  expect(tasks.running()).toBe(one)
  expect(idsOf(tasks.takeBack(1))).toEqual([3])
  expect(claim(control, three!)).toBe(false)
  expect(idsOf(tasks.takeBack(9))).toEqual([2])
  expect(claim(control, two!)).toBe(false)
  expect(tasks.count).toBe(1)
  tasks.remove(one!)
  expect([tasks.count, tasks.first, tasks.find(1)]).toEqual([0, undefined, undefined])
})

test('words are used again, and only wanted tasks are taken back, in their order', () => {
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS))
  const tasks = new PostedTasks(control)
  for (let round = 0; round < 3; round++) {
    for (let id = 1; id <= MOST_POSTED; id++) tasks.add(taskOf(round * 100 + id, id % 2))
    const words = new Set(Array.from(control.subarray(1)))
    expect(words.size).toBe(MOST_POSTED)
    const odd = idsOf(tasks.takeBack(MOST_POSTED, ({ tag }) => tag === 1))
    expect(odd).toEqual(Array.from({ length: MOST_POSTED / 2 }, (_, index) => round * 100 + 2 * index + 1))
    expect(tasks.some(({ tag }) => tag === 1)).toBe(false)
    tasks.takeBack(MOST_POSTED)
    expect(tasks.count).toBe(0)
  }
})

test('a queue gives tasks in order, those that come back first, and lets go of what is dropped', () => {
  const queue = new TaskQueue()
  for (let id = 1; id <= 5000; id++) queue.push(taskOf(id, id % 2))
  const taken = Array.from({ length: 2500 }, () => queue.shift()!)
  expect(idsOf(taken)).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1))
  queue.putBack(taken.slice(-2))
  expect(queue.length).toBe(2502)
  const dropped = queue.drop(({ tag }) => tag === 1)
  expect(dropped.length).toBe(1251)
  expect([queue.shift(), queue.shift()].map((task) => task?.message.taskId)).toEqual([2500, 2502])
  expect(queue.clear().length).toBe(1249)
  expect([queue.length, queue.shift()]).toEqual([0, undefined])
})
