import type { Flag } from './arguments.ts'

/** Who reads an option: a driver, a worker, or a command that asks a driver. */
export type Role = 'driver' | 'worker' | 'client'

/** How the text of an option is read; see read-options.ts. */
export type OptionKind =
  | 'text'
  | 'address'
  | 'path'
  | 'size'
  | 'duration'
  | 'count'
  | 'range'
  | { readonly oneOf: readonly string[] }

/**
 * One thing that can be set: by flag `--NAME`, by variable `MILLRACE_NAME` (capitals, `_` between words), or
 * by key `NAME` of the file that `--config` names. The first of these that is given counts.
 */
export interface ClusterOption {
  readonly name: string
  readonly roles: readonly Role[]
  /** Its value in the help: `HOST:PORT`. */
  readonly value: string
  readonly kind: OptionKind
  /** As it would be given; null: nothing. */
  readonly default: string | null
  readonly doc: string
  /** What the default is, where that is no text that could be given. */
  readonly defaultDoc?: string
}

const ALL: readonly Role[] = ['driver', 'worker', 'client']

/** Every option of a cluster's processes. docs/configuration.md is made of this. */
export const CLUSTER_OPTIONS: readonly ClusterOption[] = [
  {
    name: 'listen',
    roles: ['driver'],
    value: 'HOST:PORT',
    kind: 'address',
    default: '127.0.0.1:7077',
    doc: 'where workers and programs find the driver; port 0 takes a free one',
  },
  {
    name: 'driver',
    roles: ['worker', 'client'],
    value: 'HOST:PORT',
    kind: 'address',
    default: '127.0.0.1:7077',
    doc: 'where the driver listens',
  },
  {
    name: 'master',
    roles: ['client'],
    value: 'MASTER',
    kind: 'text',
    default: null,
    defaultDoc: 'none',
    doc: 'where the driver listens, as programs write it: millrace://HOST:PORT',
  },
  {
    name: 'ui',
    roles: ['driver'],
    value: 'HOST:PORT',
    kind: 'address',
    default: null,
    defaultDoc: 'none',
    doc: "where the driver's page, REST API and metrics are served; they ask for the token if there is one",
  },
  {
    name: 'threads',
    roles: ['worker'],
    value: 'N',
    kind: 'count',
    default: null,
    defaultDoc: 'one a core',
    doc: 'tasks that run at a time on this worker',
  },
  {
    name: 'memory',
    roles: ['worker'],
    value: 'SIZE',
    kind: 'size',
    default: null,
    defaultDoc: 'half of the machine',
    doc: 'most memory for rows of all executors of this worker, such as 512m or 2g',
  },
  {
    name: 'local-dir',
    roles: ['worker'],
    value: 'DIR',
    kind: 'path',
    default: null,
    defaultDoc: "a new folder in the system's temporary one",
    doc: 'folder for rows that memory does not hold, and outputs on disk; it keeps the name of the worker',
  },
  {
    name: 'host',
    roles: ['worker'],
    value: 'ADDRESS',
    kind: 'text',
    default: null,
    defaultDoc: 'the address by which it reaches the driver',
    doc: 'under which address other workers and the driver find the blocks of this one',
  },
  {
    name: 'leave-timeout',
    roles: ['worker'],
    value: 'TIME',
    kind: 'duration',
    default: '10s',
    doc: 'a worker that is asked to end waits no longer than this until nothing of it is needed',
  },
  {
    name: 'token-file',
    roles: ALL,
    value: 'FILE',
    kind: 'path',
    default: null,
    defaultDoc: 'the variable MILLRACE_TOKEN',
    doc: "file with the cluster's token, which others cannot read",
  },
  {
    name: 'tls-ca',
    roles: ALL,
    value: 'FILE',
    kind: 'path',
    default: null,
    doc: "authority that signed the cluster's certificates; a driver lets in who has one of them",
  },
  {
    name: 'tls-certificate',
    roles: ALL,
    value: 'FILE',
    kind: 'path',
    default: null,
    doc: 'own certificate; with it a driver speaks TLS',
  },
  { name: 'tls-key', roles: ALL, value: 'FILE', kind: 'path', default: null, doc: 'its key' },
  {
    name: 'state-dir',
    roles: ['driver'],
    value: 'DIR',
    kind: 'path',
    default: null,
    defaultDoc: 'none: no detached programs',
    doc: 'folder of programs that were submitted detached; with it they go on when the driver starts again',
  },
  {
    name: 'event-log',
    roles: ['driver'],
    value: 'DIR',
    kind: 'path',
    default: null,
    defaultDoc: 'none',
    doc: 'folder for a log of every job, as JSON lines',
  },
  {
    name: 'log',
    roles: ['driver', 'worker'],
    value: 'FORM',
    kind: { oneOf: ['text', 'json', 'off'] },
    default: 'text',
    doc: 'form of what is written on the standard error stream: text, json (an object a line) or off',
  },
  {
    name: 'scheduler-mode',
    roles: ['driver'],
    value: 'MODE',
    kind: { oneOf: ['fifo', 'fair'] },
    default: 'fifo',
    doc: 'order of jobs: fifo, as they come; fair, by the weights of their pools',
  },
  {
    name: 'pools',
    roles: ['driver'],
    value: 'POOLS',
    kind: 'text',
    default: null,
    defaultDoc: 'every pool has weight 1',
    doc: 'pools as NAME:WEIGHT or, with the slots it gets first, NAME:WEIGHT:SLOTS; separated by commas',
  },
  {
    name: 'heartbeat',
    roles: ['driver'],
    value: 'TIME',
    kind: 'duration',
    default: '1s',
    doc: 'how often workers and executors say that they live',
  },
  {
    name: 'worker-timeout',
    roles: ['driver'],
    value: 'TIME',
    kind: 'duration',
    default: '10s',
    doc: 'who is silent for so long is lost',
  },
  {
    name: 'executor-idle',
    roles: ['driver'],
    value: 'TIME',
    kind: 'duration',
    default: '60s',
    doc: 'executors that have nothing to do and hold nothing of use end after this',
  },
  {
    name: 'workers',
    roles: ['driver'],
    value: 'MIN..MAX',
    kind: 'range',
    default: null,
    defaultDoc: 'none',
    doc: 'workers that the driver itself starts and stops on its host, by what there is to do',
  },
  {
    name: 'worker-threads',
    roles: ['driver'],
    value: 'N',
    kind: 'count',
    default: '1',
    doc: 'threads of each worker that the driver starts',
  },
  {
    name: 'worker-memory',
    roles: ['driver'],
    value: 'SIZE',
    kind: 'size',
    default: '1g',
    doc: 'memory of each worker that the driver starts',
  },
  {
    name: 'worker-idle',
    roles: ['driver'],
    value: 'TIME',
    kind: 'duration',
    default: '60s',
    doc: 'a worker that the driver started and that is not needed for so long is stopped',
  },
]

/** The options of a role. */
export function optionsOf(role: Role): readonly ClusterOption[] {
  return CLUSTER_OPTIONS.filter(({ roles }) => roles.includes(role))
}

/** What the defaults of an option say in the help. */
export function defaultText(option: ClusterOption): string {
  return option.default ?? option.defaultDoc ?? 'none'
}

/** The variable that sets an option. */
export function variableOf(name: string): string {
  return `MILLRACE_${name.replaceAll('-', '_').toUpperCase()}`
}

/** The flags of a role's options, and those that stand for themselves. */
export function optionFlags(role: Role): readonly Flag[] {
  const flags = optionsOf(role).map((option) => ({
    name: option.name,
    value: option.value,
    usage: `${option.doc} (default: ${defaultText(option)})`,
  }))
  const config = {
    name: 'config',
    value: 'FILE',
    usage: 'file with options as JSON; see docs/configuration.md',
  }
  if (role === 'client') return [...flags, config]
  const stdin = {
    name: 'token-stdin',
    usage: "the cluster's token is the first line of standard input, and the process ends when that does",
  }
  return [...flags, config, stdin]
}

/** Of commands that show something. */
export const jsonFlag: Flag = { name: 'json', usage: 'write JSON instead of tables' }
