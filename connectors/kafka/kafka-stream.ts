import type { SourceOptions, StreamingSource, StreamOffset } from '../../engine/connect/index.ts'
import {
  EARLIEST,
  type KafkaAccess,
  keyOf,
  LATEST,
  type Leader,
  listOffsets,
  partitionsOf,
} from './cluster.ts'
import { type KafkaOptions, kafkaOptions, type Offsets, type OffsetsWanted } from './kafka-options.ts'

/** Pause between looks for new records: a look is one small request. */
const LOOK_AGAIN_MS = 20

/** The partitions that are subscribed to, as of now: also those that were added. */
export async function subscribedPartitions({ access, topics }: KafkaOptions): Promise<readonly Leader[]> {
  if (!(topics instanceof RegExp)) return await partitionsOf(access, topics)
  return (await partitionsOf(access, null)).filter(({ topic }) => topics.test(topic))
}

/** Offsets of partitions as wanted; one that is not named is where `otherwise` says. */
export async function resolveOffsets(
  access: KafkaAccess,
  partitions: readonly Leader[],
  wanted: OffsetsWanted,
  otherwise: typeof EARLIEST | typeof LATEST,
): Promise<Offsets> {
  const given = (leader: Leader): number =>
    typeof wanted === 'number' ? wanted : (wanted[keyOf(leader)] ?? otherwise)
  const offsets: Record<string, number> = {}
  for (const which of [EARLIEST, LATEST] as const) {
    const own = partitions.filter((leader) => given(leader) === which)
    const found = await listOffsets(access, own, which)
    own.forEach((leader, index) => {
      offsets[keyOf(leader)] = found[index]!
    })
  }
  for (const leader of partitions) offsets[keyOf(leader)] ??= given(leader)
  return offsets
}

/**
 * Offsets are `{"TOPIC/PARTITION": next}`. A partition that is found while the query runs begins at its
 * start.
 */
export const kafkaStream: StreamingSource = {
  async initialOffset(options) {
    const given = kafkaOptions(options)
    const partitions = await subscribedPartitions(given)
    return await resolveOffsets(given.access, partitions, given.starting ?? LATEST, LATEST)
  },

  async nextOffset(options, from, { maxRows }) {
    const given = kafkaOptions(options)
    const ends = await newOffsets(options, from)
    const most = Math.min(maxRows ?? Number.POSITIVE_INFINITY, given.maxOffsets ?? Number.POSITIVE_INFINITY)
    const there = ends.reduce((sum, { start, end }) => sum + end - start, 0)
    // Each partition gives its part of the limit, so that none falls behind the others.
    const part = there <= most ? 1 : most / there
    return Object.fromEntries(
      ends.map(({ key, start, end }) => [key, start + Math.ceil((end - start) * part)]),
    )
  },

  async waitForMore(options, from, timeoutMs, signal) {
    const deadline = performance.now() + timeoutMs
    while (!signal.aborted && performance.now() < deadline) {
      const ends = await newOffsets(options, from)
      if (ends.some(({ start, end }) => end > start)) return
      await pause(Math.min(LOOK_AGAIN_MS, Math.max(0, deadline - performance.now())), signal)
    }
  },

  async lag(options, from) {
    const ends = await newOffsets(options, from)
    return { partitions: Object.fromEntries(ends.map(({ key, start, end }) => [key, end - start])) }
  },
}

interface NewOffsets {
  readonly key: string
  readonly start: number
  /** Not before `start`. */
  readonly end: number
}

async function newOffsets(options: SourceOptions, from: StreamOffset): Promise<readonly NewOffsets[]> {
  const given = kafkaOptions(options)
  const partitions = await subscribedPartitions(given)
  const ends = await resolveOffsets(given.access, partitions, LATEST, LATEST)
  const added = partitions.filter((leader) => typeof from[keyOf(leader)] !== 'number')
  const starts = await resolveOffsets(given.access, added, EARLIEST, EARLIEST)
  return partitions.map((leader) => {
    const key = keyOf(leader)
    const known = from[key]
    const start = typeof known === 'number' ? known : starts[key]!
    return { key, start, end: Math.max(start, ends[key]!) }
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}
