import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const SCRIPT = join(import.meta.dirname, '../../../scripts/services/kafka.mjs')
const PRODUCER = join(import.meta.dirname, 'Produce.java')

/** A record for Kafka's own producer. */
export interface Produced {
  readonly topic: string
  readonly partition: number
  readonly key: string | null
  readonly value: string | Uint8Array | null
  readonly timestampMs: number
  readonly copies?: number
}

/** A broker of a test; it ends with the test, also if that dies, since its input ends then. */
export class RealKafka {
  readonly address: string
  readonly #lib: string
  readonly #child: ChildProcess

  private constructor(address: string, lib: string, child: ChildProcess) {
    this.address = address
    this.#lib = lib
    this.#child = child
  }

  static async start(): Promise<RealKafka> {
    const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of child.stdout!.setEncoding('utf8')) {
      text += chunk as string
      if (text.includes('\n')) break
    }
    if (!text.includes('\n')) throw new Error('Kafka did not start; its reason is above')
    const { address, lib } = JSON.parse(text) as { address: string; lib: string }
    return new RealKafka(address, lib, child)
  }

  /** Runs lines of Produce.java: records, or directives such as `!codec gzip`. */
  produce(lines: readonly (Produced | string)[]): void {
    const input = lines.map((line) => (typeof line === 'string' ? line.replaceAll(' ', '\t') : lineOf(line)))
    const args = ['-XX:TieredStopAtLevel=1', '-cp', `${this.#lib}/*`, PRODUCER, this.address]
    const { status, stdout, stderr } = spawnSync('java', args, {
      input: `${input.join('\n')}\n`,
      encoding: 'utf8',
      timeout: 120_000,
    })
    if (status !== 0 || !stdout.includes('done')) throw new Error(`the producer failed: ${stdout}${stderr}`)
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.stdin!.end()
    await gone
  }
}

function lineOf({ topic, partition, key, value, timestampMs, copies = 1 }: Produced): string {
  const text = (bytes: string | Uint8Array | null): string =>
    bytes === null ? '-' : Buffer.from(bytes as string).toString('base64')
  return [topic, partition, text(key), text(value), timestampMs, copies].join('\t')
}
