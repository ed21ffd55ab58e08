import type { Command } from './arguments.ts'
import { jsonFlag, optionFlags } from './cluster-options.ts'
import { durationText, sizeText, textTable } from './text-table.ts'

/** `millrace status`: workers, sessions and programs of a cluster. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'show workers, sessions and programs of a cluster',
  usage: '[flags]',
  flags: [...optionFlags('client'), jsonFlag],
  run: async (args) => {
    const { askDriver, writeJson } = await import('./ask-driver.ts')
    return await askDriver(args, async (calls, address) => {
      const [status, { programs }] = await Promise.all([calls.getStatus({}), calls.listPrograms({})])
      if (args.has('json')) return writeJson({ ...status, programs })
      const nowMs = Date.now()
      const { workers, sessions } = status
      const slots = workers.reduce((sum, worker) => sum + worker.slots, 0)
      const used = workers.reduce((sum, worker) => sum + worker.slotsUsed, 0)
      process.stdout.write(
        `driver ${address}, build ${status.build}, up ${durationText(nowMs - status.startedAtMs)}\n` +
          `${workers.length} workers, ${slots} slots, ${used} used; ${sessions.length} sessions\n`,
      )
      const tables = [
        textTable(
          ['WORKER', 'STATE', 'SLOTS', 'USED', 'MEMORY', 'EXECUTORS', 'SEEN', 'ADDRESS'],
          workers.map((worker) => [
            worker.workerId,
            worker.state,
            worker.slots,
            worker.slotsUsed,
            `${sizeText(worker.memoryUsedBytes)} of ${sizeText(worker.memoryBytes)}`,
            worker.executors,
            `${durationText(nowMs - worker.lastSeenMs)} ago`,
            worker.address,
          ]),
        ),
        textTable(
          ['SESSION', 'NAME', 'JOBS', 'OPEN'],
          sessions.map(({ sessionId, name, jobsRunning, openedAtMs }) => [
            sessionId,
            name,
            jobsRunning,
            durationText(nowMs - openedAtMs),
          ]),
        ),
        textTable(
          ['PROGRAM', 'NAME', 'STATE', 'EXIT', 'STARTS', 'SUBMITTED'],
          programs.map(({ programId, name, state, exitCode, starts, submittedAtMs }) => [
            programId,
            name,
            state,
            state === 'running' ? '' : exitCode,
            starts,
            new Date(submittedAtMs).toISOString(),
          ]),
        ),
      ]
      for (const table of tables) if (table !== '') process.stdout.write(`\n${table}`)
    })
  },
}
