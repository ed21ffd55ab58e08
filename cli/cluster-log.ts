import type { TimedRecord } from '../driver/cluster/index.ts'
import { EngineError } from '../engine/errors.ts'

/** How a process of a cluster writes what happens: `json` is an object a line. */
export type LogForm = 'text' | 'json' | 'off'

/** Form of the log from the option of that name, which allows no others. */
export function logForm(text: string | null): LogForm {
  if (text === 'text' || text === 'json' || text === 'off') return text
  throw new EngineError('INTERNAL_ERROR', `log form "${text}" was not checked`)
}

/** Records that are one of very many; the event log has them. */
const LEFT_OUT: ReadonlySet<TimedRecord['kind']> = new Set([
  'taskLaunched',
  'taskEnded',
  'stageStarted',
  'stageEnded',
])

/** Members that say more than a line should. */
const LONG: ReadonlySet<string> = new Set(['kind', 'atMs', 'stages', 'stage', 'metrics'])

/** Writes the records that people want to see on the standard error stream. */
export function logRecords(form: LogForm): (record: TimedRecord) => void {
  if (form === 'off') return () => {}
  return (record) => {
    if (!LEFT_OUT.has(record.kind)) process.stderr.write(logLine(record, form))
  }
}

/** Facts of a line by name. */
type Facts = Readonly<Record<string, unknown>>

/** Writes what a worker tells of itself on the standard error stream. */
export function processLog(form: LogForm): (level: string, message: string, facts?: Facts) => void {
  if (form === 'off') return () => {}
  return (level, message, facts = {}) => {
    if (level === 'debug') return
    const time = new Date().toISOString()
    const texts = Object.entries(facts).map(([name, value]) => `${name}=${plainText(value)}`)
    const line =
      form === 'json'
        ? JSON.stringify({ time, level, message, ...facts })
        : [time, level, message, ...texts].join(' ')
    process.stderr.write(`${line}\n`)
  }
}

/** A record as one line; texts of users are written as JSON, so that they stay on it. */
export function logLine(record: TimedRecord, form: 'text' | 'json'): string {
  const time = new Date(record.atMs).toISOString()
  const members = Object.entries(record).filter(([name]) => !LONG.has(name))
  if (form === 'json')
    return `${JSON.stringify({ time, event: record.kind, ...Object.fromEntries(members) })}\n`
  const texts = members.map(([name, value]) => `${name}=${plainText(value)}`)
  return `${[time, record.kind, ...texts].join(' ')}\n`
}

function plainText(value: unknown): string {
  if (typeof value === 'string' && /^[\w./:[\]-]+$/.test(value)) return value
  if (typeof value === 'object' && value !== null && 'code' in value && 'message' in value)
    return JSON.stringify(`${value.code}: ${value.message}`)
  return JSON.stringify(value)
}
