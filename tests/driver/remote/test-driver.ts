import type { MessageInitShape } from '@bufbuild/protobuf'
import { LocalRunner } from '../../../driver/local/index.ts'
import { checkJobGraph } from '../../../driver/stages/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import type { QuerySettings } from '../../../engine/functions/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { ChunkWriter } from '../../../engine/shuffle/index.ts'
import {
  type ClientMessage,
  Driver,
  type DriverMessageSchema,
  type JobPiece,
} from '../../../proto/cluster/index.ts'
import { bindService, clusterAuthority, serveGrpc } from '../../../proto/grpc/index.ts'
import {
  type CodeMessage,
  decodePlain,
  encodeError,
  encodePlain,
  PLAN_LIMITS,
} from '../../../proto/messages/index.ts'

type Answer = NonNullable<MessageInitShape<typeof DriverMessageSchema>['kind']>

/**
 * A driver that runs jobs on threads of its own: what the client sends and gets is what a cluster's driver
 * takes and gives, with the one difference that nothing is shared out.
 */
export interface TestDriver {
  readonly address: string
  readonly token: string
  /** What clients sent, by kind. */
  readonly received: Map<string, number>
  /** Most bytes of rows that were under way beyond what the client gave credit for. */
  readonly overdraft: { bytes: number }
  readonly pool: MemoryPool
  /** Ends the streams of all clients, as if the process had died. */
  kill(): Promise<void>
  close(): Promise<void>
}

export async function startTestDriver(slots = 2): Promise<TestDriver> {
  const pool = MemoryPool.create({ limitBytes: 256 << 20, poison: true })
  const runner = new LocalRunner(pool, slots)
  const token = 'token-of-the-tests'
  const received = new Map<string, number>()
  const overdraft = { bytes: 0 }
  const refuse = (): never => {
    throw new EngineError('UNSUPPORTED_FEATURE', 'not of this driver')
  }
  const server = await serveGrpc({
    listen: '127.0.0.1:0',
    authority: clusterAuthority({ token, certificates: false }),
    tls: null,
    services: [
      bindService(Driver, {
        attach(link) {
          const send = (kind: Answer): void => void link.send({ kind })
          const session = new TestSession(runner, pool, slots, send, overdraft)
          link.listen({
            message({ kind }) {
              received.set(kind.case ?? '', (received.get(kind.case ?? '') ?? 0) + 1)
              session.onMessage(kind)
            },
            closed: () => session.end(),
          })
        },
        getStatus: refuse,
        listJobs: refuse,
        kill: refuse,
        submitProgram: refuse,
        listPrograms: refuse,
        readOutput: refuse,
        decommission: refuse,
      }),
    ],
  })
  return {
    address: server.address,
    token,
    received,
    overdraft,
    pool,
    kill: () => server.close(0),
    async close() {
      await server.close(0)
      await runner.stop()
    },
  }
}

interface OpenJob {
  readonly pieces: Uint8Array[]
  readonly stop: AbortController
  settings: QuerySettings
  credit: number
  wake: () => void
}

class TestSession {
  readonly #runner: LocalRunner
  readonly #pool: MemoryPool
  readonly #slots: number
  readonly #send: (answer: Answer) => void
  readonly #overdraft: { bytes: number }
  readonly #jobs = new Map<number, OpenJob>()

  constructor(
    runner: LocalRunner,
    pool: MemoryPool,
    slots: number,
    send: (answer: Answer) => void,
    overdraft: { bytes: number },
  ) {
    this.#runner = runner
    this.#pool = pool
    this.#slots = slots
    this.#send = send
    this.#overdraft = overdraft
  }

  onMessage(kind: ClientMessage['kind']): void {
    switch (kind.case) {
      case 'hello':
        this.#send({ case: 'ready', value: { sessionId: 's-1', slots: this.#slots, driverBuild: 'test' } })
        this.#send({ case: 'size', value: { slots: this.#slots, workers: 1 } })
        break
      case 'code': {
        const value = decodePlain(kind.value.content)
        const code =
          kind.value.codeKind === 'function'
            ? { kind: 'function', fn: value }
            : { kind: 'module', module: value }
        this.#runner.ship(code as CodeMessage)
        break
      }
      case 'job':
        this.#onPiece(kind.value)
        break
      case 'credit': {
        const job = this.#jobs.get(kind.value.job)
        if (job === undefined) break
        job.credit += kind.value.bytes
        job.wake()
        break
      }
      case 'cancel':
        this.#jobs.get(kind.value.job)?.stop.abort()
        this.#jobs.get(kind.value.job)?.wake()
        break
    }
  }

  end(): void {
    for (const job of this.#jobs.values()) {
      job.stop.abort()
      job.wake()
    }
  }

  #onPiece({ job, header, graph, last }: JobPiece): void {
    if (header !== undefined)
      this.#jobs.set(job, {
        pieces: [],
        stop: new AbortController(),
        settings: decodePlain(header.settings) as QuerySettings,
        credit: header.creditBytes,
        wake: () => {},
      })
    const open = this.#jobs.get(job)!
    open.pieces.push(graph)
    if (last) void this.#run(job, open)
  }

  async #run(job: number, open: OpenJob): Promise<void> {
    const graph = checkJobGraph(decodePlain(Buffer.concat(open.pieces), PLAN_LIMITS))
    const { signal } = open.stop
    const running = this.#runner.run(graph, {
      settings: open.settings,
      signal,
      onProgress: (progress) => this.#send({ case: 'progress', value: { job, ...progress } }),
    })
    let error: Uint8Array = new Uint8Array()
    try {
      let partition = 0
      for await (const { batch, release } of running.batches) {
        const writer = new ChunkWriter(this.#pool, { compress: true })
        // One partition a batch: the client sees no difference but in numbers.
        for (const chunk of writer.write([{ range: 0, partition: 0, block: batch }])) {
          while (open.credit <= 0 && !signal.aborted)
            await new Promise<void>((resolve) => (open.wake = resolve))
          open.credit -= chunk.length
          this.#overdraft.bytes = Math.max(this.#overdraft.bytes, -open.credit)
          this.#send({ case: 'rows', value: { job, partition, chunk: chunk.slice() } })
        }
        partition++
        writer.free()
        release()
      }
    } catch (thrown) {
      error = encodeError(thrown)
    }
    this.#jobs.delete(job)
    const [metrics, parts] = [encodePlain(running.metrics), encodePlain(running.parts)]
    this.#send({ case: 'end', value: { job, error, metrics, parts, adaptations: encodePlain(['seen']) } })
  }
}
