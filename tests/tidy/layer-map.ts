/**
 * Who may import whom. A folder that is not listed here is an error, so a new folder starts with a line in
 * this file and a thought about its place. ARCHITECTURE.md says what each part is for.
 */
export interface Part {
  /** Other parts it may import. */
  readonly imports: readonly string[]
  /**
   * Its own folders from left to right: one imports only from entries before its own. Folders in one entry
   * are strangers.
   */
  readonly layers: readonly (readonly string[])[]
  /** Files beside the folders that stand left of all layers: everyone may import them. */
  readonly leftFiles?: readonly string[]
  /** Files beside the folders that stand right of all layers, from left to right. */
  readonly rightFiles?: readonly string[]
}

export const PARTS: Readonly<Record<string, Part>> = {
  engine: {
    imports: [],
    leftFiles: ['errors.ts'],
    layers: [
      ['types'],
      ['memory'],
      ['kernels', 'wasm'],
      ['batch'],
      ['expr'],
      ['functions'],
      ['evaluate'],
      ['plan'],
      ['connect'],
      ['formats', 'shuffle'],
      ['state'],
      ['tables'],
      ['user-code'],
      ['operators'],
      ['run'],
      ['arrow'],
    ],
    rightFiles: ['index.ts'],
  },
  sql: {
    imports: ['engine'],
    layers: [
      ['parser'],
      ['plan'],
      ['catalog'],
      ['analyzer'],
      ['optimizer'],
      ['planner'],
      ['dataframe'],
      ['explain'],
    ],
    rightFiles: ['index.ts'],
  },
  connectors: {
    imports: ['engine'],
    layers: [['payload'], ['file', 'memory', 'rate', 'log'], ['delta', 'kafka', 'hdfs', 'postgres', 'redis']],
    rightFiles: ['index.ts'],
  },
  proto: { imports: ['engine'], layers: [['messages'], ['cluster'], ['certificates'], ['grpc']] },
  ml: { imports: ['engine', 'sql'], layers: [['features']], rightFiles: ['index.ts'] },
  worker: {
    imports: ['engine', 'connectors', 'proto'],
    layers: [['threads'], ['blocks'], ['executor'], ['supervisor']],
    rightFiles: ['reply-outbox.ts', 'task-runner.ts', 'task-loop.ts', 'slot.ts'],
  },
  driver: {
    imports: ['engine', 'sql', 'connectors', 'proto', 'worker'],
    layers: [
      ['stages'],
      ['scheduler'],
      ['local'],
      ['cluster', 'streaming'],
      ['rdd'],
      ['rpc', 'ui', 'remote', 'profile'],
      ['session'],
    ],
    rightFiles: ['session.ts', 'index.ts'],
  },
  cli: {
    imports: ['engine', 'sql', 'connectors', 'proto', 'worker', 'driver', 'ml'],
    layers: [],
    rightFiles: [],
  },
}

/** Parts that are programs around the package. They import it by its own name, as a user would. */
export const USER_FOLDERS: readonly string[] = ['examples']

/** Parts that may import anything. Nothing imports them. */
export const FREE_FOLDERS: readonly string[] = ['tests', 'bench']

/** Folders without TypeScript of ours. */
export const OTHER_FOLDERS: readonly string[] = ['docs', 'scripts']

/** Packages from the registry that sources may import, and where. Each has a page in docs/decisions. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  acorn: ['driver/rdd'],
  'acorn-walk': ['driver/rdd'],
  'apache-arrow': ['engine/arrow'],
  fzstd: ['engine/formats'],
  '@grpc/grpc-js': ['proto/grpc', 'driver', 'worker', 'cli'],
  '@bufbuild/protobuf': ['proto', 'driver', 'worker', 'cli'],
  esbuild: ['engine/user-code', 'driver/rdd', 'cli'],
}
