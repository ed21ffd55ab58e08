import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Texts the shell remembers. */
export const HISTORY_SIZE = 1000

/** The texts of a history file, the last first. Each is a line; those of several lines are JSON strings. */
export function readHistory(file: string): string[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map(textOf).reverse().slice(0, HISTORY_SIZE)
}

function textOf(line: string): string {
  try {
    return line.startsWith('"') ? String(JSON.parse(line)) : line
  } catch {
    return line // Not ours, but a text all the same.
  }
}

/**
 * Writes the texts, the last first, for the next shell. A home folder that cannot be written to is no reason
 * to stop.
 */
export function writeHistory(file: string, texts: readonly string[]): void {
  const lines = texts
    .slice(0, HISTORY_SIZE)
    .map((text) => (/^"|[\r\n]/.test(text) ? JSON.stringify(text) : text))
  try {
    writeFileSync(file, `${lines.reverse().join('\n')}\n`, { mode: 0o600 })
  } catch {
    return
  }
}
