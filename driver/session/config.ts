import { availableParallelism, totalmem } from 'node:os'
import { EngineError } from '../../engine/errors.ts'
import { timeZone as zoneOf } from '../../engine/functions/index.ts'
import { MAX_ARENA_BYTES } from '../../engine/memory/index.ts'

/** Where a program runs: `local` (one thread), `local[N]`, `local[*]` (a thread a core). */
export function parseMaster(master: string): { readonly threads: number } {
  if (master === 'local') return { threads: 1 }
  const match = /^local\[(\*|\d+)\]$/.exec(master)
  const threads = match?.[1] === '*' ? availableParallelism() : Number(match?.[1])
  if (match === null || threads < 1 || threads > 256)
    throw new EngineError('CONFIG_INVALID', `master "${master}" is not understood`, {
      hint: 'Use local, local[N] with N from 1 to 256, or local[*].',
    })
  return { threads }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** `512m`, `2g`, `1.5GB` or a number of bytes, as bytes. */
export function parseMemory(size: string | number): number {
  if (typeof size === 'number') return size
  const match = /^\s*(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?\s*$/i.exec(size)
  if (match === null)
    throw new EngineError('CONFIG_INVALID', `memory size "${size}" is not understood`, {
      hint: 'Write a number and a unit, such as 512m or 2g.',
    })
  return Math.floor(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!)
}

/** Half of the machine's memory, and never more than one arena holds. */
export function defaultMemoryBytes(): number {
  return Math.min(MAX_ARENA_BYTES - 2 ** 20, Math.floor(totalmem() / 2))
}

/** CONFIG_INVALID unless the name is a time zone this Node knows, or an offset. */
export function checkTimeZone(name: string): string {
  try {
    zoneOf(name)
    return name
  } catch (cause) {
    throw new EngineError('CONFIG_INVALID', `time zone "${name}" is not known`, {
      hint: 'Use an IANA name, such as UTC or Europe/Berlin, or an offset, such as +02:00.',
      cause,
    })
  }
}
