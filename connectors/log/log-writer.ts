import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../engine/errors.ts'
import { encodeLogBatch, headerOf, isWhole, type LogRecord } from './log-format.ts'
import {
  type LogPosition,
  segmentName,
  segmentsOf,
  type TopicInfo,
  topicInfo,
  walkSegment,
} from './segments.ts'

/** How a log is written. */
export interface LogWriterOptions {
  /** Partitions of topics that are made now. */
  readonly partitions?: number
  /**
   * When records are safe from a crash of the machine: `never` (the system decides; a crash of the process
   * loses nothing that was flushed), or after every `flush`.
   */
  readonly fsync?: 'never' | 'flush'
  /** Bytes after which a partition goes on in a new file. */
  readonly segmentBytes?: number
  /** Bytes that are collected before they are written by themselves. */
  readonly batchBytes?: number
}

interface OpenPartition {
  descriptor: number
  position: LogPosition
  records: LogRecord[]
  bytes: number
}

/** A topic name is a folder's. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/

/**
 * Appends records to the topics of a log: a folder that one process writes and any number read. A process
 * that is killed leaves at most a torn batch behind, which the next writer cuts off.
 */
export class LogWriter {
  readonly #folder: string
  readonly #options: Required<LogWriterOptions>
  readonly #topics = new Map<string, OpenPartition[]>()
  readonly #lock: string

  constructor(folder: string, options: LogWriterOptions = {}) {
    const { partitions = 1, fsync = 'never', segmentBytes = 256 << 20, batchBytes = 1 << 20 } = options
    this.#folder = folder
    this.#options = { partitions, fsync, segmentBytes, batchBytes }
    mkdirSync(folder, { recursive: true })
    this.#lock = join(folder, 'writer.pid')
    takeLock(this.#lock, folder)
  }

  /** Queues a record; the partition is that of its key's hash, or the one given. */
  append(topic: string, record: LogRecord, partition?: number): void {
    const all = this.#topics.get(topic) ?? this.#open(topic)
    const index = partition ?? hashOf(record.key) % all.length
    const own = all[index]
    if (own === undefined)
      throw new EngineError('INVALID_ARGUMENT', `topic "${topic}" has no partition ${index}`)
    own.records.push(record)
    own.bytes += record.value.length + 48
    if (own.bytes >= this.#options.batchBytes) this.#write(topic, index, own)
  }

  /** Writes what is queued: readers see it from now on. */
  flush(): void {
    for (const [topic, all] of this.#topics)
      for (const [index, own] of all.entries()) {
        this.#write(topic, index, own)
        if (this.#options.fsync === 'flush') fdatasyncSync(own.descriptor)
      }
  }

  close(): void {
    this.flush()
    for (const all of this.#topics.values()) for (const { descriptor } of all) closeSync(descriptor)
    this.#topics.clear()
    rmSync(this.#lock, { force: true })
  }

  #open(topic: string): OpenPartition[] {
    if (!NAME.test(topic))
      throw new EngineError('INVALID_ARGUMENT', `"${topic}" cannot be the name of a topic`, {
        hint: 'Use letters, digits, dots, dashes and underscores.',
      })
    const { partitions } = makeTopic(this.#folder, topic, this.#options.partitions)
    const opened = Array.from({ length: partitions }, (_, index) => openPartition(this.#folder, topic, index))
    this.#topics.set(topic, opened)
    return opened
  }

  #write(topic: string, index: number, own: OpenPartition): void {
    if (own.records.length === 0) return
    if (own.position.position >= this.#options.segmentBytes) {
      closeSync(own.descriptor)
      Object.assign(own, newSegment(this.#folder, topic, index, own.position.offset))
    }
    const batch = encodeLogBatch(own.records, Date.now())
    let done = 0
    while (done < batch.length)
      done += writeSync(own.descriptor, batch, done, batch.length - done, own.position.position + done)
    const { segment, position, offset } = own.position
    own.position = { segment, position: position + batch.length, offset: offset + own.records.length }
    own.records = []
    own.bytes = 0
  }
}

/** Makes a topic, or finds that it is there; then it keeps the partitions it has. */
export function makeTopic(folder: string, topic: string, partitions: number): TopicInfo {
  const path = join(folder, topic)
  if (!existsSync(join(path, 'topic.json'))) {
    for (let index = 0; index < partitions; index++) mkdirSync(join(path, String(index)), { recursive: true })
    const info: TopicInfo = { formatVersion: 1, partitions }
    writeFileSync(join(path, 'topic.json.new'), `${JSON.stringify(info)}\n`)
    renameSync(join(path, 'topic.json.new'), join(path, 'topic.json'))
  }
  return topicInfo(folder, topic)
}

/** Cuts off what is torn at the end of the last file, and goes on there. */
function openPartition(folder: string, topic: string, partition: number): OpenPartition {
  const last = segmentsOf(folder, topic, partition).at(-1)
  const queue = { records: [], bytes: 0 }
  if (last === undefined) return { ...newSegment(folder, topic, partition, 0), ...queue }
  const descriptor = openSync(last.path, 'r+')
  const end = endOfWhole({ segment: last, position: 0, offset: last.baseOffset }, descriptor)
  if (end.position < fstatSync(descriptor).size) ftruncateSync(descriptor, end.position)
  return { descriptor, position: end, ...queue }
}

/** The place behind the last batch whose checksum holds. */
function endOfWhole(start: LogPosition, descriptor: number): LogPosition {
  let good = start
  walkSegment(start, (header, at) => {
    const batch = new Uint8Array(header.bytes)
    readSync(descriptor, batch, 0, header.bytes, at.position)
    const read = headerOf(batch)
    if (read === null || !isWhole(batch, read)) return false
    good = { segment: at.segment, position: at.position + header.bytes, offset: at.offset + header.count }
    return true
  })
  return good
}

function newSegment(
  folder: string,
  topic: string,
  partition: number,
  offset: number,
): { descriptor: number; position: LogPosition } {
  const path = join(folder, topic, String(partition), segmentName(offset))
  const descriptor = openSync(path, 'w+')
  return { descriptor, position: { segment: { path, baseOffset: offset }, position: 0, offset } }
}

/** One writer at a time; a lock whose process is gone is taken over. */
function takeLock(path: string, folder: string): void {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(readFileSync(path, 'utf8'))
    if (owner === process.pid || isAlive(owner))
      throw new EngineError('CONCURRENT_STREAM', `process ${owner} writes log "${folder}" already`, {
        hint: 'A log has one writer at a time: stop that one first.',
      })
    rmSync(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** FNV-1a over the bytes of a key; records without one go to partition 0. */
function hashOf(key: LogRecord['key']): number {
  if (key === null) return 0
  const bytes = typeof key === 'string' ? Buffer.from(key) : key
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
