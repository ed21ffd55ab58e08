import type { Command } from './arguments.ts'
import { optionFlags } from './cluster-options.ts'

/** `millrace decommission`: takes a worker out of service. */
export const decommissionCommand: Command = {
  name: 'decommission',
  summary: 'take a worker out of service: it gets no new tasks, and ends when nothing of it is needed',
  usage: '[flags] WORKER',
  flags: optionFlags('client'),
  notes: ['millrace status shows the ids of workers.'],
  run: async (args) => {
    const { askDriver, onlyPositional } = await import('./ask-driver.ts')
    return await askDriver(args, async (calls) => {
      const workerId = onlyPositional(args, 'worker')
      await calls.decommission({ workerId })
      process.stdout.write(`worker ${workerId} drains\n`)
    })
  },
}
