import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import * as functions from './imported-functions.ts'
import { fails, prefix as start, timesSeven } from './imported-functions.ts'
import { testContext } from './test-context.ts'

const { context, pool, close } = testContext()
afterAll(async () => {
  expect(pool.usedBytes).toBe(0)
  await close()
})

const topLevel = 5
function localHelper(x: number): number {
  return x + 1
}

const ownLines = readFileSync(new URL(import.meta.url), 'utf8').split('\n')

/** The number of the first line of this file that holds a text. */
function lineOf(text: string): number {
  return ownLines.findIndex((line) => line.includes(text)) + 1
}

function caught(run: () => unknown): EngineError {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError) return error
  }
  throw new Error('no EngineError')
}

const rdd = context.parallelize([1, 2, 3], 2)

test('a value of the same name as one outside, beside an import', async () => {
  const run = (rate: number): Promise<number[]> =>
    context
      .parallelize([1, 2], 1)
      .map((value, { rate }) => timesSeven(value) * rate, { with: { rate } })
      .collect()
  expect(await run(2)).toEqual([14, 28])
})

test('imports of the module are imported in the worker', async () => {
  expect(await rdd.map((x) => `${start}${timesSeven(x)}`).collect()).toEqual(['p-7', 'p-14', 'p-21'])
  expect(await rdd.map(timesSeven).collect()).toEqual([7, 14, 21])
  expect(await rdd.map((x) => functions.timesSeven(x)).collect()).toEqual([7, 14, 21])
  const digest = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 4)
  const hashed = await rdd
    .map((x) => createHash('sha1').update(String(x)).digest('hex').slice(0, 4))
    .collect()
  expect(hashed).toEqual(['1', '2', '3'].map(digest))
})

test('a captured variable is CLOSURE_CAPTURE with name, line and cure', () => {
  const rate = 2
  const error = caught(() => rdd.map((x) => x * rate))
  expect(error.code).toBe('CLOSURE_CAPTURE')
  expect(error.message).toContain('variable "rate"')
  expect(error.message).toContain(`closure.test.ts:${lineOf('rdd.map((x) => x * rate))')})`)
  expect(error.hint).toBe('Pass it: map(fn, { with: { rate } }).')
  expect(caught(() => rdd.filter((x) => x > topLevel)).message).toContain('"topLevel"')
  expect(caught(() => rdd.map((x) => localHelper(x))).message).toContain('"localHelper"')
})

test('functions may be given with { with }, and use what is given', async () => {
  const rate = 2
  const double = (x: number): number => x * rate
  expect(
    await rdd.map((x) => localHelper(double(x)), { with: { localHelper, double, rate } }).collect(),
  ).toEqual([3, 5, 7])
})

test('globals, built-in functions, inner names, destructuring and recursion are no captures', async () => {
  expect(await rdd.map(String).collect()).toEqual(['1', '2', '3'])
  expect(await rdd.map(Math.sqrt).first()).toBe(1)
  const names = await rdd
    .map(function fact(n: number): number {
      return n <= 1 ? 1 : n * fact(n - 1)
    })
    .collect()
  expect(names).toEqual([1, 2, 6])
  const mixed = await rdd
    .map((x) => {
      const { a, ...rest } = { a: x, b: x + 1 }
      const labels = { rest: a }
      try {
        for (const y of [a]) if (y > 100) throw new Error('no')
      } catch (e) {
        return String(e)
      }
      class Box {
        value = a
        get twice(): number {
          return this.value * 2
        }
      }
      return new Box().twice + rest.b + labels.rest
    })
    .collect()
  expect(mixed).toEqual([5, 9, 13])
})

test('async functions and bound functions are clear errors', () => {
  expect(caught(() => rdd.map(async (x) => x)).code).toBe('UNSUPPORTED_FEATURE')
  expect(caught(() => rdd.map(localHelper.bind(null))).message).toContain('has no text')
})

test('an error of a function is USER_CODE_FAILED with the line of the program', async () => {
  const error = await rdd
    .map((x) => {
      if (x === 3) {
        throw new RangeError('three is too many')
      }
      return x
    })
    .collect()
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(EngineError)
  const failure = error as EngineError
  expect(failure.code).toBe('USER_CODE_FAILED')
  expect(failure.message).toContain('three is too many')
  expect(failure.stack).toContain(`closure.test.ts:${lineOf("RangeError('three")}:`)
  expect((failure.cause as Error).name).toBe('RangeError')
})

test('an error of an imported function shows its own line', async () => {
  const failure = (await rdd
    .map((x) => fails(x))
    .collect()
    .catch((reason: unknown) => reason)) as EngineError
  expect(failure.message).toContain('bad value')
  expect(failure.stack).toMatch(/imported-functions\.ts:12:/)
  expect(failure.stack).toMatch(/closure\.test\.ts:1\d\d/)
})

test('a promise as a value is a clear error', async () => {
  await expect(rdd.map((x) => Promise.resolve(x)).collect()).rejects.toThrow(/cannot travel/)
})

test('a function that never returns ends within 200 ms of the signal', { retry: 2 }, async () => {
  const abort = new AbortController()
  let aborted = 0
  const running = rdd
    .map(() => {
      for (;;);
    })
    .collect({ signal: abort.signal })
  setTimeout(() => {
    aborted = performance.now()
    abort.abort()
  }, 50)
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(performance.now() - aborted).toBeLessThan(200)
  expect(await rdd.map((x) => x + 1).collect()).toEqual([2, 3, 4])
})
