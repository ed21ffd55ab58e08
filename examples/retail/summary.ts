import type { BatchResult } from './batch.ts'

/** The end of a run for people: what was read, what was wrong with it, a few figures, and where everything lies. */
export function summaryOf({ analyses, seconds }: BatchResult): string {
  return analyses.map(({name, rowCount, seconds, skipped}) => `${name} ${rowCount} ${seconds.toFixed(2)} ${skipped ?? ''}`).join('\n') + `\n${seconds}\n`
}
