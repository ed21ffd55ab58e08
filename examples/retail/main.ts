import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runBatch } from './batch.ts'
import { produceCommand, streamCommand } from './live/commands.ts'
import { liveHelp } from './live/live-settings.ts'
import { Progress } from './progress.ts'
import { readSettings, SETTINGS } from './settings.ts'
import { summaryOf } from './summary.ts'
import { UsageError } from './usage-error.ts'

/** Exit codes that scripts may rely on. */
const EXIT = { ok: 0, failed: 1, usage: 2 } as const

const NOTES = `
Without --input the job runs on invented data, the same for the same seed and size.
Settings also come from the environment (MILLRACE_RETAIL_OUT, …), from .env and from retail.config.json
in the current folder; flags rule over all of them. MILLRACE_RETAIL_SECRET is the key itself.
Exit codes: 0 done, 1 failed, 2 called wrongly.
`

/** The live half. */
const LIVE: Readonly<Record<string, { help(): string; run(args: readonly string[]): Promise<void> }>> = {
  produce: { help: () => liveHelp('produce'), run: produceCommand },
  stream: { help: () => liveHelp('stream'), run: streamCommand },
}

process.exitCode = await main(process.argv.slice(2))

async function main([command = 'batch', ...rest]: readonly string[]): Promise<number> {
  const [name, args] = command.startsWith('-') ? ['batch', [command, ...rest]] : [command, rest]
  const live = LIVE[name]
  if (name === 'help' || args.includes('--help') || args.includes('-h')) {
    process.stdout.write(live === undefined ? helpText() : live.help())
    return EXIT.ok
  }
  try {
    if (live !== undefined) {
      await live.run(args)
      return EXIT.ok
    }
    if (name !== 'batch')
      throw new UsageError(`unknown command "${name}"`, 'There are: batch, produce, stream.')
    const settings = readSettings(args, { environment: process.env, folder: process.cwd() })
    const result = await runBatch(settings, new Progress())
    await writeFile(join(settings.out, 'summary.json'), `${JSON.stringify(result, null, 2)}\n`)
    process.stdout.write(summaryOf(result))
    return EXIT.ok
  } catch (error) {
    return report(error)
  }
}

function report(error: unknown): number {
  if (!(error instanceof Error)) throw error
  const { hint } = error as { readonly hint?: unknown } // Errors of this job and of Millrace may have one.
  process.stderr.write(`retail: ${error.message}\n${typeof hint === 'string' ? `  ${hint}\n` : ''}`)
  if (error instanceof UsageError) return EXIT.usage
  if (!('code' in error)) process.stderr.write(`${error.stack}\n`)
  return EXIT.failed
}

function helpText(): string {
  const flags = SETTINGS.map(({ flag, value, usage, default: given }) => {
    return `  --${flag} ${value}`.padEnd(24) + usage + (given === undefined ? '' : ` (default: ${given})`)
  })
  const usage =
    'Usage: npm run retail -- batch [options]   (also: produce, stream; see npm run retail -- stream --help)'
  const title = 'The retail batch job: from raw transactions to the answers of every definition.'
  return `${title}\n\n${usage}\n\n${flags.join('\n')}\n${NOTES}`
}
