import { expect, test } from 'vitest'
import { SharedInputs } from '../../../worker/executor/shared-inputs.ts'

function fixture() {
  const freed: string[] = []
  const shared = new SharedInputs<string>((value) => freed.push(value))
  let made = 0
  const make = async () => `value ${++made}`
  return { freed, shared, make }
}

test('a value is made once, and freed when it is released and nobody uses it', async () => {
  const { freed, shared, make } = fixture()
  const [one, two] = await Promise.all([shared.use('j', 1, make), shared.use('j', 1, make)])
  expect([one.value, two.value]).toEqual(['value 1', 'value 1'])
  one.giveBack()
  one.giveBack()
  await shared.release('j', 1)
  expect(freed).toEqual([])
  two.giveBack()
  expect(freed).toEqual(['value 1'])
  expect((await shared.use('j', 1, make)).value).toBe('value 2')
})

test('a value that nobody uses goes at once, and those of other jobs and names stay', async () => {
  const { freed, shared, make } = fixture()
  for (const [jobId, id] of [
    ['j', 1],
    ['j', 2],
    ['k', 1],
  ] as const)
    (await shared.use(jobId, id, make)).giveBack()
  await shared.release('j', 2)
  expect(freed).toEqual(['value 2'])
  await shared.release('j', null)
  expect(freed).toEqual(['value 2', 'value 1'])
})

test('one that is being made is told to stop, and release waits for that', async () => {
  const { freed, shared } = fixture()
  let stop: (reason: Error) => void = () => {}
  const order: string[] = []
  const used = shared.use(
    'j',
    1,
    (signal) =>
      new Promise<string>((_, reject) => {
        stop = reject
        signal.addEventListener('abort', () => order.push('told'))
      }),
  )
  const failed = expect(used).rejects.toThrow('stopped')
  const released = shared.release('j', null).then(() => order.push('released'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['told'])
  stop(new Error('stopped'))
  await Promise.all([failed, released])
  expect([order, freed]).toEqual([['told', 'released'], []])
})

test('one that was made in spite of that is freed when its user gives it back', async () => {
  const { freed, shared } = fixture()
  let finish: (value: string) => void = () => {}
  const used = shared.use('j', 1, () => new Promise<string>((resolve) => (finish = resolve)))
  const released = shared.release('j', 1)
  finish('late')
  const { giveBack } = await used
  await released
  expect(freed).toEqual([])
  giveBack()
  expect(freed).toEqual(['late'])
})

test('after a failure the next one who asks tries again', async () => {
  const { shared, make } = fixture()
  await expect(shared.use('j', 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect((await shared.use('j', 1, make)).value).toBe('value 1')
})
