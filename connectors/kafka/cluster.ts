import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError, nearestNames } from '../../engine/errors.ts'
import { checkBrokerError, isPassing, UNKNOWN_TOPIC } from './broker-errors.ts'
import { giveBackConnection, type KafkaConnection, lendConnection } from './connection.ts'
import { ResponseReader } from './wire.ts'

/** How a Kafka is reached, and how long we try. */
export interface KafkaAccess {
  readonly servers: readonly string[]
  /** Of one request with its retries. */
  readonly timeoutMs: number
  /** Whether records of transactions count only when they are committed. */
  readonly isCommittedOnly: boolean
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A partition and the address of its leader. */
export interface Leader extends TopicPartition {
  /** null: there is none at the moment. */
  readonly address: string | null
}

export const EARLIEST = -2
export const LATEST = -1

/** Runs until it succeeds, fails for good, or the time is up; then the last error counts. */
export async function withRetries<T>(
  timeoutMs: number,
  attempt: (remainingMs: number) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 20; ; pauseMs = Math.min(1000, 2 * pauseMs)) {
    try {
      return await attempt(Math.max(1, deadline - performance.now()))
    } catch (error) {
      if (!isPassing(error) || performance.now() + pauseMs >= deadline) throw error
      await sleep(pauseMs)
    }
  }
}

/** Lends a connection to any of the servers that are named. */
async function anyBroker(servers: readonly string[], timeoutMs: number): Promise<KafkaConnection> {
  let failure: unknown
  for (const server of servers) {
    try {
      return await lendConnection(server, Math.ceil(timeoutMs / servers.length))
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** The partitions of topics, with their leaders; null: of all topics. NOT_FOUND with near names. */
export async function partitionsOf(
  access: KafkaAccess,
  topics: readonly string[] | null,
): Promise<readonly Leader[]> {
  const found = await withRetries(access.timeoutMs, (ms) => askMetadata(access, topics, ms))
  for (const { topic, error } of found) {
    if (error === UNKNOWN_TOPIC) throw await unknownTopic(access, topic)
    checkBrokerError(error, `looking for topic "${topic}"`)
  }
  return found.flatMap(({ leaders }) => leaders)
}

interface TopicMetadata {
  readonly topic: string
  readonly error: number
  readonly leaders: readonly Leader[]
}

async function askMetadata(
  { servers }: KafkaAccess,
  topics: readonly string[] | null,
  timeoutMs: number,
): Promise<readonly TopicMetadata[]> {
  const connection = await anyBroker(servers, timeoutMs)
  try {
    const answer = await connection.request(
      'metadata',
      (writer) => {
        if (topics === null) writer.int32(-1)
        else writer.array(topics, (topic) => writer.text(topic))
        writer.int8(0)
      },
      { timeoutMs },
    )
    return readMetadata(new ResponseReader(answer))
  } finally {
    giveBackConnection(connection)
  }
}

function readMetadata(answer: ResponseReader): readonly TopicMetadata[] {
  answer.int32()
  const brokers = new Map(
    answer.array(() => {
      const [id, host, port] = [answer.int32(), answer.text(), answer.int32()]
      answer.text()
      return [id, host?.includes(':') ? `[${host}]:${port}` : `${host}:${port}`] as const
    }),
  )
  answer.text()
  answer.int32()
  const topics = answer.array(() => {
    const [error, topic, isInternal] = [answer.int16(), answer.text() ?? '', answer.int8() === 1]
    const leaders = answer.array((): Leader => {
      answer.int16()
      const [partition, leader] = [answer.int32(), answer.int32()]
      answer.int32()
      for (let list = 0; list < 3; list++) answer.array(() => answer.int32())
      return { topic, partition, address: brokers.get(leader) ?? null }
    })
    return { topic, error, isInternal, leaders: leaders.toSorted((a, b) => a.partition - b.partition) }
  })
  return topics.filter(({ isInternal }) => !isInternal)
}

async function unknownTopic(access: KafkaAccess, topic: string): Promise<EngineError> {
  const all = await withRetries(access.timeoutMs, (ms) => askMetadata(access, null, ms))
  const names = all.map((entry) => entry.topic)
  const near = nearestNames(topic, names)
  return new EngineError(
    'NOT_FOUND',
    `topic "${topic}" does not exist in Kafka at "${access.servers.join(',')}"`,
    {
      hint:
        near.length > 0
          ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
          : names.length === 0
            ? 'It has no topics.'
            : `There are: ${names.slice(0, 20).join(', ')}.`,
    },
  )
}

/**
 * Offsets of partitions, in the order asked for: EARLIEST, LATEST (the end of what is committed, if only that
 * counts).
 */
export async function listOffsets(
  access: KafkaAccess,
  partitions: readonly TopicPartition[],
  which: typeof EARLIEST | typeof LATEST,
): Promise<readonly number[]> {
  if (partitions.length === 0) return []
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  return await withRetries(access.timeoutMs, async (timeoutMs) => {
    const leaders = new Map(
      (await partitionsOf({ ...access, timeoutMs }, topics)).map((leader) => [keyOf(leader), leader.address]),
    )
    const byLeader = groupBy(partitions, (partition) => leaderOf(leaders.get(keyOf(partition)), partition))
    const answers = await Promise.all(
      Array.from(byLeader, ([address, own]) => askOffsets(access, address, own, which, timeoutMs)),
    )
    const found = new Map(answers.flat())
    return partitions.map((partition) => found.get(keyOf(partition))!)
  })
}

async function askOffsets(
  access: KafkaAccess,
  address: string,
  partitions: readonly TopicPartition[],
  which: number,
  timeoutMs: number,
): Promise<readonly (readonly [key: string, offset: number])[]> {
  const connection = await lendConnection(address, timeoutMs)
  try {
    const topics = Array.from(groupBy(partitions, ({ topic }) => topic))
    const bytes = await connection.request(
      'listOffsets',
      (writer) => {
        writer.int32(-1).int8(access.isCommittedOnly ? 1 : 0)
        writer.array(topics, ([topic, own]) => {
          writer.text(topic).array(own, ({ partition }) => {
            writer.int32(partition).int32(-1).int64(which)
          })
        })
      },
      { timeoutMs },
    )
    const answer = new ResponseReader(bytes)
    answer.int32()
    const found = answer.array(() => {
      const topic = answer.text() ?? ''
      return answer.array(() => {
        const [partition, error] = [answer.int32(), answer.int16()]
        answer.int64()
        const offset = answer.int64()
        answer.int32()
        checkBrokerError(error, `asking for offsets of ${topic}/${partition}`)
        return [keyOf({ topic, partition }), offset] as const
      })
    })
    return found.flat()
  } finally {
    giveBackConnection(connection)
  }
}

/** `TOPIC/PARTITION`. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** The other way round. */
export function partitionOf(key: string): TopicPartition {
  const slash = key.lastIndexOf('/')
  return { topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)) }
}

/** IO_ERROR, which passes, if a partition has no leader. */
export function leaderOf(address: string | null | undefined, partition: TopicPartition): string {
  if (typeof address === 'string') return address
  throw new EngineError('IO_ERROR', `partition ${keyOf(partition)} has no leader`)
}

/** Node 20 has no Map.groupBy. */
function groupBy<T>(values: readonly T[], keyOfValue: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOfValue(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
