import type { ClusterAccess } from './cluster-security.ts'

/** How a session is set up. */
export interface SessionOptions extends ClusterAccess {
  /**
   * Where jobs run: `local`, `local[N]` or `local[*]` (the default: a thread a core) on threads of this
   * process; `local-cluster[WORKERS,THREADS]` in processes of this machine; `millrace://HOST:PORT` on the cluster of that
   * driver. What is not given here is read from the environment: MILLRACE_MASTER, MILLRACE_MEMORY and so on,
   * in capitals with `_` between words.
   */
  readonly master?: string
  /** Most bytes for rows: `512m`, `2g`. Half of the machine's memory, at most 4 GiB, by default. */
  readonly memory?: string | number
  /** IANA name; TZ or the system's zone by default. */
  readonly timeZone?: string
  /** Folder of stored tables; `millrace-warehouse` by default. */
  readonly warehouse?: string
  /** Folder for rows that memory does not hold; the system's temporary folder by default. */
  readonly localDir?: string
  /** Most bytes for such rows: `20g`. As many as the disk has by default. */
  readonly localDirSize?: string | number
  /**
   * Folder for a CPU profile of every thread and the times of operators, written by `stop`; see
   * docs/profile.md.
   */
  readonly profile?: string
  /** On a cluster: what the session is called there; the name of the script by default. */
  readonly name?: string
  /** On a cluster: most bytes for rows in one executor; what its worker has to give by default. */
  readonly executorMemory?: string | number
  /** On a cluster: most tasks that run at a time; all there is by default. */
  readonly maxSlots?: number
  /** On a cluster: settings `scheduler.*`, `shuffle.*` and `adaptive.*` of the session. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * For tests: rows of a batch, where the arena begins to hand out memory, and whether freed memory is
   * overwritten.
   */
  readonly batchRows?: number
  readonly arena?: { readonly startBytes?: number; readonly poison?: boolean }
}
