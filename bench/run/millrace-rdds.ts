import type { Session } from '../../driver/session.ts'
import type { EngineReply, EngineRequest } from './engine-process.ts'

type Untimed = () => Promise<Omit<EngineReply, 'seconds'>>

/** How often each word stands in a text. */
export async function wordCount(session: Session, { path }: EngineRequest): Promise<Untimed> {
  const counts = await session
    .textFile(String(path))
    .flatMap((line) => line.split(' '))
    .map((word): [string, number] => [word, 1])
    .reduceByKey((a, b) => a + b)
    .collect()
  return async () => summed(counts)
}

/** map, filter and reduceByKey over the numbers from 0. */
export async function numbers(session: Session, { records }: EngineRequest): Promise<Untimed> {
  const sums = await session
    .rdd(session.range(Number(records)))
    .map(({ id }) => id * 3 + 1)
    .filter((n) => n % 2 === 0)
    .map((n): [number, number] => [n % 1000, n])
    .reduceByKey((a, b) => a + b)
    .collect()
  return async () => summed(sums)
}

function summed(pairs: readonly (readonly [unknown, number])[]): Omit<EngineReply, 'seconds'> {
  return { count: pairs.length, sum: pairs.reduce((sum, [, value]) => sum + value, 0) }
}
