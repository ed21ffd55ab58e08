import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../engine/errors.ts'
import { type BatchHeader, HEADER_BYTES, headerOf } from './log-format.ts'

/** A file of a partition. */
export interface Segment {
  readonly path: string
  /** Offset of its first record. */
  readonly baseOffset: number
}

/** A place between two batches. */
export interface LogPosition {
  readonly segment: Segment
  /** Byte in the segment. */
  readonly position: number
  /** Offset of the record that begins there. */
  readonly offset: number
}

/** `topic.json` of a topic. */
export interface TopicInfo {
  readonly formatVersion: 1
  readonly partitions: number
}

/** A topic's partitions; FILE_NOT_FOUND if there is none of that name. */
export function topicInfo(folder: string, topic: string): TopicInfo {
  const path = join(folder, topic, 'topic.json')
  if (!existsSync(path)) {
    const there = topicsIn(folder)
    throw new EngineError('FILE_NOT_FOUND', `topic "${topic}" does not exist in log "${folder}"`, {
      hint: there.length === 0 ? 'The log has no topics.' : `There are: ${there.join(', ')}.`,
    })
  }
  return JSON.parse(readFileSync(path, 'utf8')) as TopicInfo
}

/** Names of the topics of a log. */
export function topicsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'topic.json')))
    .sort()
}

/** The files of a partition, oldest first. */
export function segmentsOf(folder: string, topic: string, partition: number): readonly Segment[] {
  const path = join(folder, topic, String(partition))
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((name) => /^\d{20}\.log$/.test(name))
    .sort()
    .map((name) => ({ path: join(path, name), baseOffset: Number.parseInt(name, 10) }))
}

export function segmentName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.log`
}

/**
 * Walks the headers of a segment from a place on: whole batches only. What a writer is just appending, or
 * left torn, is not there yet.
 */
export function walkSegment(
  from: LogPosition,
  visit: (header: BatchHeader, at: LogPosition) => boolean,
): LogPosition {
  const descriptor = openSync(from.segment.path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const head = new Uint8Array(HEADER_BYTES)
    let at = from
    while (at.position + HEADER_BYTES <= size) {
      readSync(descriptor, head, 0, HEADER_BYTES, at.position)
      const header = headerOf(head)
      if (header === null || at.position + header.bytes > size) return at
      if (!visit(header, at)) return at
      at = { segment: at.segment, position: at.position + header.bytes, offset: at.offset + header.count }
    }
    return at
  } finally {
    closeSync(descriptor)
  }
}

/** Places that one partition is known to have, so that it is not walked from its start again and again. */
export class PartitionIndex {
  readonly #folder: string
  readonly #topic: string
  readonly #partition: number
  /** Ascending; about one for every piece that a reader takes. */
  readonly #known: LogPosition[] = []

  constructor(folder: string, topic: string, partition: number) {
    this.#folder = folder
    this.#topic = topic
    this.#partition = partition
  }

  /** Offset of the first record that is there. */
  get startOffset(): number {
    return segmentsOf(this.#folder, this.#topic, this.#partition)[0]?.baseOffset ?? 0
  }

  /** Offset behind the last record, as of now. */
  endOffset(): number {
    return this.#walkFrom(Number.MAX_SAFE_INTEGER, () => true)?.offset ?? 0
  }

  /** Places from the batch that has `from` on, each at most `bytes` from the next, until `to`. */
  pieces(from: number, to: number, bytes: number): readonly { start: LogPosition; bytes: number }[] {
    const pieces: { start: LogPosition; bytes: number }[] = []
    this.#walkFrom(from, (header, at) => {
      if (at.offset >= to) return false
      if (at.offset + header.count <= from) return true
      const last = pieces.at(-1)
      const fits = last?.start.segment.path === at.segment.path && last.bytes + header.bytes <= bytes
      if (fits) last.bytes += header.bytes
      else pieces.push({ start: at, bytes: header.bytes })
      return true
    })
    return pieces
  }

  /** From the last known place that is not behind an offset; gives where it ended. */
  #walkFrom(
    offset: number,
    visit: (header: BatchHeader, at: LogPosition) => boolean,
  ): LogPosition | undefined {
    const segments = segmentsOf(this.#folder, this.#topic, this.#partition)
    const first = segments[0]
    if (first === undefined) return undefined
    const isThere = (place: LogPosition): boolean => place.segment.baseOffset >= first.baseOffset
    const known = this.#known.filter(isThere).findLast((place) => place.offset <= offset)
    const base = segments.findLast(({ baseOffset }) => baseOffset <= offset) ?? first
    let at: LogPosition =
      known !== undefined && known.offset >= base.baseOffset
        ? known
        : { segment: base, position: 0, offset: base.baseOffset }
    for (;;) {
      let goesOn = true
      let walked = 0
      at = walkSegment(at, (header, place) => {
        goesOn = visit(header, place)
        walked += header.bytes
        if (goesOn && walked >= INDEX_BYTES) {
          this.#note(place)
          walked = 0
        }
        return goesOn
      })
      if (goesOn) this.#note(at)
      const next = segments.find(
        ({ baseOffset }) => baseOffset === at.offset && baseOffset > at.segment.baseOffset,
      )
      if (!goesOn || next === undefined) return at
      at = { segment: next, position: 0, offset: next.baseOffset }
    }
  }

  #note(place: LogPosition): void {
    const last = this.#known.at(-1)
    if (last !== undefined && last.offset >= place.offset) return
    this.#known.push(place)
    if (this.#known.length > MOST_KNOWN) this.#known.splice(0, MOST_KNOWN / 2)
  }
}

const INDEX_BYTES = 8 << 20
const MOST_KNOWN = 4096
