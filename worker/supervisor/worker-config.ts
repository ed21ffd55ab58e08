import type { ClientSecurity, ServerTls } from '../../proto/grpc/index.ts'
import type { Logger } from './logger.ts'

/** What a worker is started with. */
export interface WorkerConfig {
  /** `host:port` of the driver. */
  readonly driver: string
  /** The cluster's token and certificates, towards the driver. Executors never get them. */
  readonly security: ClientSecurity
  /** Tasks that run at once on this host. */
  readonly slots: number
  /** Bytes for rows, of all executors together. */
  readonly memoryBytes: number
  /** Folder for spilled rows and outputs; one worker has it. */
  readonly localDir: string
  /** Where blocks are served: a host of this machine that other workers reach. */
  readonly listenHost: string
  /** Certificate of the block service; null: one of its own where the driver has one, else plain text. */
  readonly tls: ServerTls | null
  /** Name of the host, by which the scheduler knows what is near. */
  readonly host: string
  readonly log: Logger
}
