import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DoneMessage, FromThread } from '../../proto/messages/index.ts'
import { ReplyOutbox } from '../../worker/reply-outbox.ts'

function done(taskId: number, rows: number): DoneMessage {
  const timing = { threadId: 1, startUs: 0, endUs: 1 }
  return { kind: 'done', taskId, shuffle: null, table: null, parts: [], metrics: { 7: { rows } }, timing }
}

function fixture() {
  const posted: number[][] = []
  const messages: FromThread[] = []
  const outbox = new ReplyOutbox((message) => {
    messages.push(message)
    if (message.kind === 'replies') posted.push(message.replies.map(({ taskId }) => taskId))
  })
  return { posted, messages, outbox }
}

test('what a task tells goes at once, unless the task will be short', async () => {
  const { posted, outbox } = fixture()
  outbox.begin(false)
  outbox.add(done(1, 1))
  expect(posted).toEqual([[1]])
  outbox.begin(true)
  outbox.add(done(2, 1))
  outbox.begin(true)
  outbox.add(done(3, 1))
  expect(posted).toEqual([[1]])
  // One that may be long does not keep others waiting.
  outbox.begin(false)
  expect(posted).toEqual([[1], [2, 3]])
})

test('replies wait no longer than until the thread has nothing to do', async () => {
  const { posted, outbox } = fixture()
  outbox.begin(true)
  outbox.add(done(1, 1))
  await nextTurn()
  expect(posted).toEqual([[1]])
  await nextTurn()
  expect(posted).toEqual([[1]])
})

test('counts of tasks that travel together stand with the first, and none is lost', () => {
  const { messages, outbox } = fixture()
  outbox.begin(true)
  for (const [taskId, rows] of [
    [1, 10],
    [2, 20],
    [3, 30],
  ] as const)
    outbox.add(done(taskId, rows))
  outbox.flush()
  const [message] = messages
  const sums =
    message?.kind === 'replies'
      ? message.replies.map((reply) => (reply.kind === 'done' ? (reply.metrics[7]?.['rows'] ?? 0) : -1))
      : []
  expect(sums).toEqual([60, 0, 0])
})
