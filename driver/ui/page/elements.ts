/**
 * Small pieces that all pages are made of. Text is always set as text, so nothing of a job becomes markup.
 */

type Content = Node | string | null

/** An element with its attributes and what is in it. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly Content[]
): HTMLElement {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content.filter((each) => each !== null))
  return made
}

/** The same for pictures. */
export function svgElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly (Node | string)[]
): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.append(...content)
  return made
}

/** A column of a table: its title and its cell for one thing. Numbers stand to the right. */
export interface Column<T> {
  readonly title: string
  readonly isNumber?: boolean
  readonly isText?: boolean
  cell(one: T): Content
}

/** A table, or a line that says that there is nothing. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], nothing: string): HTMLElement {
  if (rows.length === 0) return element('p', { class: 'dim' }, nothing)
  const styleOf = ({ isNumber, isText }: Column<T>): Record<string, string> =>
    isNumber === true ? { class: 'number' } : isText === true ? { class: 'text' } : {}
  const head = element('tr', {}, ...columns.map((column) => element('th', styleOf(column), column.title)))
  const body = rows.map((row) =>
    element('tr', {}, ...columns.map((column) => element('td', styleOf(column), column.cell(row)))),
  )
  return element(
    'div',
    { class: 'scroll' },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)),
  )
}

/** A state in its colour. */
export function stateText(state: string): HTMLElement {
  return element('span', { class: `state-${state}` }, state)
}

/** Done and running parts of a whole. */
export function progressBar(done: number, running: number, total: number): HTMLElement {
  const bar = element('span', { class: 'bar', title: `${done} of ${total} done, ${running} run` })
  for (const [part, kind] of [[done, 'done'] as const, [running, 'run'] as const]) {
    const piece = element('i', { class: kind })
    piece.style.width = `${total === 0 ? 0 : (100 * Math.min(part, total)) / total}%`
    bar.append(piece)
  }
  return bar
}

/** `1.5 MB`. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '–'
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`
}

/** `12,345`. */
export function countText(count: number | null): string {
  return count === null ? '–' : Math.round(count).toLocaleString('en')
}

/** `350 ms`, `2.1 s`, `3 min 5 s`. */
export function durationText(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** Time of day. */
export function clockText(atMs: number | null): string {
  return atMs === null ? '–' : new Date(atMs).toLocaleTimeString('en-GB')
}
