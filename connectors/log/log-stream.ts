import { watch } from 'node:fs'
import type { SourceOptions, StreamingSource, StreamOffset } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { type PartitionIndex, topicInfo, topicsIn } from './segments.ts'

/** What a stream needs to know of its options. */
interface LogPlace {
  readonly folder: string
  readonly topics: readonly string[]
  readonly starting: string
}

interface LogParts {
  indexOf(folder: string, topic: string, partition: number): PartitionIndex
  offsetsOf(options: SourceOptions): LogPlace
}

type Offsets = Record<string, number>

/** Offsets are `{"TOPIC/PARTITION": next}`. Partitions that are found later begin at their start. */
export function logStream({ indexOf, offsetsOf }: LogParts): StreamingSource {
  const keysOf = ({ folder, topics }: LogPlace): readonly (readonly [string, PartitionIndex])[] =>
    topics.flatMap((topic) =>
      Array.from(
        { length: topicInfo(folder, topic).partitions },
        (_, partition) => [`${topic}/${partition}`, indexOf(folder, topic, partition)] as const,
      ),
    )
  return {
    initialOffset(options) {
      const place = offsetsOf(options)
      const given = startOffsets(place.starting)
      const offsets: Offsets = {}
      for (const [key, index] of keysOf(place))
        offsets[key] = given === 'latest' ? index.endOffset() : (given?.[key] ?? index.startOffset)
      return Promise.resolve(offsets)
    },

    nextOffset(options, from, { maxRows }) {
      const offsets: Offsets = {}
      const ends = keysOf(offsetsOf(options)).map(([key, index]) => {
        const start = numberAt(from, key) ?? index.startOffset
        return { key, start, end: Math.max(start, index.endOffset()) }
      })
      const there = ends.reduce((sum, { start, end }) => sum + end - start, 0)
      // Each partition gives its part of the limit, so that none falls behind the others.
      const part = maxRows === null || there <= maxRows ? 1 : maxRows / there
      for (const { key, start, end } of ends) offsets[key] = start + Math.ceil((end - start) * part)
      return Promise.resolve(offsets)
    },

    async waitForMore(options, _from, timeoutMs, signal) {
      const { folder } = offsetsOf(options)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          watcher.close()
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, timeoutMs)
        const watcher = watch(folder, { recursive: true }, done)
        watcher.on('error', done)
        signal.addEventListener('abort', done, { once: true })
        if (signal.aborted) done()
      })
    },

    lag(options, from) {
      const partitions: Offsets = {}
      for (const [key, index] of keysOf(offsetsOf(options)))
        partitions[key] = Math.max(0, index.endOffset() - (numberAt(from, key) ?? 0))
      return Promise.resolve({ partitions })
    },
  }
}

function numberAt(offset: StreamOffset, key: string): number | undefined {
  const value = offset[key]
  return typeof value === 'number' ? value : undefined
}

/** `latest`; offsets by key; null: the start. */
function startOffsets(text: string): 'latest' | Readonly<Record<string, number>> | null {
  if (text === 'earliest') return null
  if (text === 'latest') return 'latest'
  try {
    return JSON.parse(text) as Readonly<Record<string, number>>
  } catch (cause) {
    throw new EngineError('CONFIG_INVALID', `option "startingOffsets" cannot be "${text}"`, {
      hint: 'Give earliest, latest, or JSON such as {"sales/0": 12}.',
      cause,
    })
  }
}

/** The topics of an option; all of the log if it is not given. */
export function topicsOf(folder: string, text: string | undefined): readonly string[] {
  if (text === undefined) return topicsIn(folder)
  return text
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '')
}
