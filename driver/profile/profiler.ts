import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { EngineError } from '../../engine/errors.ts'
import { monotonicUs, type PlanMetrics, startCpuProfile, type ThreadProfile } from '../../engine/run/index.ts'
import type { JobObserver, TaskRun } from '../local/index.ts'
import type { JobGraph } from '../stages/index.ts'
import { type DescribePlan, operatorTimes, type StageTimes } from './operator-times.ts'

/** One job of the session; times are milliseconds from the start of the profile. */
export interface JobProfile {
  /** SQL text, or the top of its plan. */
  readonly label: string
  readonly startMs: number
  readonly endMs: number
  readonly stages: readonly StageTimes[]
  readonly tasks: readonly {
    readonly stageId: number
    readonly partition: number
    readonly threadId: number
    readonly failed: boolean
    readonly startMs: number
    readonly endMs: number
  }[]
}

/** Folders that sessions of this process have written into. */
const usedFolders = new Map<string, number>()

/**
 * Samples the threads of a session and keeps what its jobs counted. `write` makes, in the folder,
 * `driver.cpuprofile` and `thread-N.cpuprofile` (for Chromium's developer tools), `operators.json` (an array
 * of JobProfile) and `profile.html`.
 */
export class Profiler implements JobObserver {
  readonly #folder: string
  readonly #describe: DescribePlan
  readonly #startUs = monotonicUs()
  readonly #driver = startCpuProfile()
  readonly #threads = new Map<string, ThreadProfile>()
  readonly #jobs: JobProfile[] = []

  /** A second session of the process writes into `FOLDER/session-2`. */
  constructor(folder: string, describe: DescribePlan) {
    const count = (usedFolders.get(folder) ?? 0) + 1
    usedFolders.set(folder, count)
    this.#folder = count === 1 ? folder : join(folder, `session-${count}`)
    this.#describe = describe
  }

  onJob(graph: JobGraph, label: string | undefined): ReturnType<JobObserver['onJob']> {
    const startUs = monotonicUs()
    const runs: TaskRun[] = []
    return {
      onTask: (run) => void runs.push(run),
      onEnd: (metrics) => void this.#jobs.push(this.#jobProfile(graph, label, startUs, runs, metrics)),
    }
  }

  onThread(id: number, profile: ThreadProfile): void {
    this.#threads.set(`thread-${id}`, profile)
  }

  /** Ends the sampling of this thread and writes all files. IO_ERROR names a folder that cannot be made. */
  async write(): Promise<void> {
    const driver = await (await this.#driver).stop()
    const threads = new Map([['driver', driver], ...this.#threads])
    try {
      await mkdir(this.#folder, { recursive: true })
      for (const [name, { profile }] of threads)
        await this.#writeFile(`${name}.cpuprofile`, JSON.stringify(profile))
      await this.#writeFile('operators.json', `${JSON.stringify(this.#jobs, null, 1)}\n`)
      await this.#writeFile('profile.html', await this.#page(threads))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new EngineError('IO_ERROR', `cannot write the profile into "${this.#folder}": ${reason}`, {
        cause,
      })
    }
  }

  async #writeFile(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text)
  }

  /** The page carries its data as JSON; a `<` in it would end the script it stands in. */
  async #page(threads: ReadonlyMap<string, ThreadProfile>): Promise<string> {
    const template = await readFile(new URL('./page.html', import.meta.url), 'utf8')
    const data = {
      command: process.argv.slice(2).join(' '),
      date: new Date().toISOString(),
      node: process.versions.node,
      driverThread: threadId,
      jobs: this.#jobs,
      threads: [...threads].map(([name, { startUs, profile }]) => ({
        name,
        startMs: this.#msOf(startUs),
        ...profile,
      })),
    }
    return template.replace('{"jobs":[]}', () => JSON.stringify(data).replaceAll('<', '\\u003c'))
  }

  #jobProfile(
    graph: JobGraph,
    label: string | undefined,
    startUs: number,
    runs: readonly TaskRun[],
    metrics: PlanMetrics,
  ): JobProfile {
    const stages = operatorTimes(graph, metrics, this.#describe)
    return {
      label: label ?? stages.at(-1)?.operators[0]?.text ?? 'job',
      startMs: this.#msOf(startUs),
      endMs: this.#msOf(monotonicUs()),
      stages,
      tasks: runs.map(({ stageId, partition, threadId: id, failed, startUs: from, endUs }) => ({
        stageId,
        partition,
        threadId: id,
        failed,
        startMs: this.#msOf(from),
        endMs: this.#msOf(endUs),
      })),
    }
  }

  #msOf(us: number): number {
    return (us - this.#startUs) / 1000
  }
}
