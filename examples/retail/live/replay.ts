import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { LogWriter } from 'millrace/connectors/log'
import { UsageError } from '../usage-error.ts'

/** A line of a file of events, as `gen_events.py` writes them. */
interface EventLine {
  readonly topic: string
  readonly key: string
  readonly offset_ms: number
  readonly value?: string
  readonly value_b64?: string
}

export interface Replay {
  readonly file: string
  /** Folder of the log. */
  readonly out: string
  /** Records a second; null: as fast as it goes. */
  readonly rate: number | null
  readonly partitions: number
}

/** Records between two looks at the clock. */
const STEP = 1000

/** Plays a file of events into the embedded log, in its order; gives how many records there were by topic. */
export async function replay({
  file,
  out,
  rate,
  partitions,
}: Replay): Promise<Readonly<Record<string, number>>> {
  if (!existsSync(file)) throw new UsageError(`file "${file}" does not exist`)
  const bytes = createReadStream(file)
  const lines = createInterface({ input: file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes })
  const writer = new LogWriter(out, { partitions })
  const counts: Record<string, number> = {}
  const startMs = performance.now()
  let written = 0
  try {
    for await (const line of lines) {
      const { topic, key, value, value_b64 } = eventOf(line, file, written + 1)
      writer.append(topic, { key, value: value ?? Buffer.from(value_b64 ?? '', 'base64') })
      counts[topic] = (counts[topic] ?? 0) + 1
      written++
      if (rate === null || written % STEP !== 0) continue
      writer.flush()
      await sleep(startMs + (1000 * written) / rate - performance.now())
    }
  } finally {
    writer.close()
  }
  return counts
}

function eventOf(line: string, file: string, number: number): EventLine {
  try {
    return JSON.parse(line) as EventLine
  } catch {
    throw new UsageError(`line ${number} of "${file}" is not JSON`, 'It should be what gen_events.py writes.')
  }
}
