/**
 * Samples of one thread, as `.cpuprofile` files hold them; times are microseconds of the profiler's clock.
 */
export interface CpuProfile {
  readonly nodes: readonly CpuProfileNode[]
  readonly startTime: number
  readonly endTime: number
  /** Ids of nodes, one a sample. */
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** A function as it was called from its parents. */
export interface CpuProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly hitCount: number
  readonly children?: readonly number[]
}

/** The samples of a thread and where they stand in `monotonicUs`. */
export interface ThreadProfile {
  readonly startUs: number
  readonly profile: CpuProfile
}

const INTERVAL_US = 500

/** Microseconds of a clock that all threads of the process share. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** Samples the calling thread from now on. `stop` gives what was seen. */
export async function startCpuProfile(): Promise<{ stop(): Promise<ThreadProfile> }> {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connect()
  const post = (method: string, parameters: object = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      session.post(method, parameters, (error, result) => {
        if (error === null) resolve(result ?? {})
        else reject(error)
      })
    })
  await post('Profiler.enable')
  await post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  const startUs = monotonicUs()
  await post('Profiler.start')
  return {
    async stop() {
      const { profile } = (await post('Profiler.stop')) as { readonly profile: CpuProfile }
      session.disconnect()
      return { startUs, profile }
    },
  }
}
