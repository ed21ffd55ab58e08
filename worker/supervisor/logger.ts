/** How much a line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Facts of a line by name. Never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Takes what a process tells of itself. */
export type Logger = (level: LogLevel, message: string, fields?: LogFields) => void

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** One JSON object a line: `time`, `level`, `message`, and the facts. */
export function jsonLogger(
  least: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  return (level, message, fields = {}) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
  }
}
