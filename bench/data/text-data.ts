import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder } from './cached-folder.ts'

const VOCABULARY = 50_000
const WORDS_PER_LINE = 16
const BLOCK_LINES = 200_000

/**
 * A text of about so many bytes: lines of sixteen words, the n-th word n times rarer than the first. It
 * repeats itself after 200,000 lines.
 */
export function textFile(bytes: number): string {
  const folder = cachedFolder(['text', String(bytes)], (unfinished) =>
    writeText(join(unfinished, 'words.txt'), bytes),
  )
  return join(folder, 'words.txt')
}

function writeText(path: string, bytes: number): void {
  const random = seededRandom(7)
  const words = Array.from({ length: VOCABULARY }, (_, rank) => wordOf(rank, random))
  const file = openSync(path, 'w')
  try {
    const lines = Array.from({ length: BLOCK_LINES }, () =>
      Array.from({ length: WORDS_PER_LINE }, () => words[zipfRank(random())]!).join(' '),
    )
    const block = Buffer.from(`${lines.join('\n')}\n`)
    for (let written = 0; written < bytes; ) written += writeSync(file, block)
  } finally {
    closeSync(file)
  }
}

/** By Zipf's law with exponent 1: the logarithm of the rank is even. */
function zipfRank(chance: number): number {
  return Math.floor(VOCABULARY ** chance) - 1
}

/** Common words are short. */
function wordOf(rank: number, random: () => number): string {
  const length = 2 + Math.floor(Math.log2(rank + 2) / 2) + Math.floor(random() * 3)
  const letters = Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26)))
  return `${letters.join('')}${rank.toString(36)}`
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
