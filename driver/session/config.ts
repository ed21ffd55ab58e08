import { availableParallelism, totalmem } from 'node:os'
import { EngineError } from '../../engine/errors.ts'
import { timeZone as zoneOf } from '../../engine/functions/index.ts'
import { MAX_ARENA_BYTES } from '../../engine/memory/index.ts'

/** Where a program runs. */
export type Master =
  | { readonly kind: 'local'; readonly threads: number }
  /** Processes of this machine: workers of so many threads each. */
  | { readonly kind: 'localCluster'; readonly workers: number; readonly threads: number }
  /** A driver at `host:port`. */
  | { readonly kind: 'cluster'; readonly address: string }

const MOST_THREADS = 256
const MOST_WORKERS = 64

/**
 * `local` (one thread), `local[N]`, `local[*]` (a thread a core), `local-cluster[WORKERS,THREADS]`,
 * `millrace://HOST:PORT`.
 */
export function parseMaster(master: string): Master {
  if (master === 'local') return { kind: 'local', threads: 1 }
  const address = /^millrace:\/\/(\S+:\d+)$/.exec(master)?.[1]
  if (address !== undefined) return { kind: 'cluster', address }
  const [, many, one] = /^local-cluster\[(\d+),\s*(\d+)\]$/.exec(master) ?? []
  const [workers, each] = [Number(many), Number(one)]
  if (many !== undefined && isWithin(workers, MOST_WORKERS) && isWithin(each, MOST_THREADS))
    return { kind: 'localCluster', workers, threads: each }
  const count = /^local\[(\*|\d+)\]$/.exec(master)?.[1]
  const threads = count === '*' ? availableParallelism() : Number(count)
  if (count !== undefined && isWithin(threads, MOST_THREADS)) return { kind: 'local', threads }
  throw new EngineError('CONFIG_INVALID', `master "${master}" is not understood`, {
    hint:
      `Use local, local[N] with N from 1 to ${MOST_THREADS}, local[*], ` +
      'local-cluster[WORKERS,THREADS], or millrace://HOST:PORT.',
  })
}

function isWithin(count: number, most: number): boolean {
  return count >= 1 && count <= most
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
