import type { Command } from './arguments.ts'
import { optionFlags } from './cluster-options.ts'

/** `millrace driver`: the process that plans nothing and runs nothing, but decides what runs where. */
export const driverCommand: Command = {
  name: 'driver',
  summary: 'serve a cluster: workers and programs connect to it',
  usage: '[--listen HOST:PORT] [--ui HOST:PORT] [flags]',
  flags: optionFlags('driver'),
  notes: [
    'Without a token or certificates it listens on loopback only.',
    'It ends on SIGTERM and SIGINT. Every option: docs/configuration.md',
  ],
  run: async (args) => {
    // Loaded late: other commands need no gRPC.
    const { runDriver } = await import('./run-driver.ts')
    return await runDriver(args)
  },
}
