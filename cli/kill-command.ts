import type { Command } from './arguments.ts'
import { optionFlags } from './cluster-options.ts'

/** `millrace kill`: ends a job or a detached program. */
export const killCommand: Command = {
  name: 'kill',
  summary: 'cancel a job, or end a program that was submitted detached',
  usage: '[flags] JOB|PROGRAM',
  flags: optionFlags('client'),
  notes: ['millrace jobs and millrace status show the ids.'],
  run: async (args) => {
    const { askDriver, onlyPositional } = await import('./ask-driver.ts')
    return await askDriver(args, async (calls) => {
      const id = onlyPositional(args, 'job or program')
      await calls.kill({ id })
      process.stdout.write(`killed ${id}\n`)
    })
  },
}
