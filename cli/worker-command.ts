import type { Command } from './arguments.ts'
import { optionFlags } from './cluster-options.ts'

/** `millrace worker`: the process that a host runs tasks with. */
export const workerCommand: Command = {
  name: 'worker',
  summary: 'run tasks on this host for a driver',
  usage: '--driver HOST:PORT [--threads N] [--memory SIZE] [--local-dir DIR] [flags]',
  flags: optionFlags('worker'),
  notes: [
    'It looks for its driver until it is there, and again when it is lost.',
    'On SIGTERM and SIGINT it takes no new tasks, and ends when nothing of it is needed, or after',
    '--leave-timeout; a second signal ends it at once. Every option: docs/configuration.md',
  ],
  run: async (args) => {
    // Loaded late: other commands need no gRPC.
    const { runWorker } = await import('./run-worker.ts')
    return await runWorker(args)
  },
}
