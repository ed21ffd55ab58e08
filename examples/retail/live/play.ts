import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { LogWriter } from 'millrace/connectors/log'
import { UsageError } from '../usage-error.ts'
import type { Arrival } from './arrivals.ts'

/** A line of a file of events, as `gen_events.py` writes them. */
interface EventLine {
  readonly topic: string
  readonly key: string
  readonly offset_ms: number
  readonly value?: string
  readonly value_b64?: string
}

/** Where records go, and how fast. */
export interface Playing {
  /** Folder of the log. */
  readonly out: string
  /** Records a second; null: as fast as it goes. */
  readonly rate: number | null
  readonly partitions: number
}

/** Records between two looks at the clock. */
const STEP = 1000

/** Plays records into the embedded log, in their order; gives how many there were by topic. */
export async function play(
  records: Iterable<Arrival> | AsyncIterable<Arrival>,
  { out, rate, partitions }: Playing,
): Promise<Readonly<Record<string, number>>> {
  const writer = new LogWriter(out, { partitions })
  const counts: Record<string, number> = {}
  const startMs = performance.now()
  let written = 0
  try {
    for await (const { topic, key, value } of records) {
      writer.append(topic, { key, value })
      counts[topic] = (counts[topic] ?? 0) + 1
      written++
      if (rate === null || written % Math.min(STEP, rate) !== 0) continue
      writer.flush()
      await sleep(startMs + (1000 * written) / rate - performance.now())
    }
  } finally {
    writer.close()
  }
  return counts
}

/** The same with the records of a file. */
export async function replay(file: string, playing: Playing): Promise<Readonly<Record<string, number>>> {
  if (!existsSync(file)) throw new UsageError(`file "${file}" does not exist`)
  return await play(recordsOf(file), playing)
}

async function* recordsOf(file: string): AsyncIterable<Arrival> {
  const bytes = createReadStream(file)
  const lines = createInterface({ input: file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes })
  let number = 0
  for await (const line of lines) {
    const { topic, key, value, value_b64 } = eventOf(line, file, ++number)
    yield { topic, key, value: value ?? Buffer.from(value_b64 ?? '', 'base64') }
  }
}

function eventOf(line: string, file: string, number: number): EventLine {
  try {
    return JSON.parse(line) as EventLine
  } catch {
    throw new UsageError(`line ${number} of "${file}" is not JSON`, 'It should be what gen_events.py writes.')
  }
}
