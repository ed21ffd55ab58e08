import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline'
import { PassThrough } from 'node:stream'

/** How a text is edited. */
export interface EditorOptions {
  readonly prompt: string
  /** Earlier texts, the last first. */
  readonly history: string[]
  readonly historySize: number
  /** Whether Enter sends the text; otherwise it begins a new line in it. */
  isWhole(text: string): boolean
  /** What Tab offers: words that may stand for `word`, the end of the text before the cursor. */
  complete(before: string, text: string): Promise<[words: string[], word: string]>
}

/** readline's text and cursor; both may be set, and `prompt(true)` shows what is there. */
interface Editable extends Omit<Interface, 'line' | 'cursor'> {
  line: string
  cursor: number
}

/**
 * A readline interface on the terminal for texts of several lines: Enter in an unfinished text begins a new
 * line, Up and Down move between the lines before they reach the history. It gives whole texts as `line`
 * events.
 */
export function openLineEditor(options: EditorOptions): Interface {
  const terminal = process.stdin
  const keys = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void terminal.setRawMode(isRaw),
  })
  const lines: Interface = createInterface({
    input: keys,
    output: process.stdout,
    terminal: true,
    prompt: options.prompt,
    history: options.history,
    historySize: options.historySize,
    removeHistoryDuplicates: true,
    completer: (before: string, done: (error: null, result: [string[], string]) => void) => {
      void options.complete(before, lines.line).then((result) => done(null, result))
    },
  })
  const editable = lines as Editable
  const onKey = (text: string | undefined, key: Key): void => {
    if (!editKey(editable, key, options)) keys.emit('keypress', text, key)
  }
  emitKeypressEvents(terminal, lines)
  terminal.on('keypress', onKey)
  terminal.once('end', () => lines.close())
  lines.once('close', () => {
    terminal.removeListener('keypress', onKey)
    terminal.pause()
  })
  return lines
}

/** Whether the key was one for several lines; readline does the others. */
function editKey(lines: Editable, key: Key, options: EditorOptions): boolean {
  const { line, cursor } = lines
  if (key.ctrl === true || key.meta === true || key.shift === true) return false
  if (key.name === 'return' || key.name === 'enter') {
    if (options.isWhole(line)) return false
    lines.line = `${line.slice(0, cursor)}\n${line.slice(cursor)}`
    lines.cursor = cursor + 1
  } else if (key.name === 'up' || key.name === 'down') {
    const place = key.name === 'up' ? lineAbove(line, cursor) : lineBelow(line, cursor)
    if (place === null) return false
    lines.cursor = place
  } else return false
  lines.prompt(true)
  return true
}

/** The same column one line up, or null on the first line. */
export function lineAbove(text: string, cursor: number): number | null {
  const start = text.lastIndexOf('\n', cursor - 1) + 1
  if (start === 0) return null
  const above = text.lastIndexOf('\n', start - 2) + 1
  return Math.min(above + cursor - start, start - 1)
}

/** The same column one line down, or null on the last line. */
export function lineBelow(text: string, cursor: number): number | null {
  const end = text.indexOf('\n', cursor)
  if (end < 0) return null
  const start = text.lastIndexOf('\n', cursor - 1) + 1
  const belowEnd = text.indexOf('\n', end + 1)
  return Math.min(end + 1 + cursor - start, belowEnd < 0 ? text.length : belowEnd)
}
