/** A record as the plain scanner sees it: where its line and the values of wanted members lie. */
export interface PlainLine {
  readonly start: number
  readonly end: number
  readonly fields: readonly (readonly [start: number, packedEnd: number])[]
}

const MISSING = [-1, 0] as const

/**
 * Records of a text, by way of JSON.parse, up to the first line that the kernel leaves: one that is cut off
 * or no object, has a wanted name twice or escapes in a name, or is nested too deep.
 */
export function scanJsonTwin(text: string, names: readonly string[]): PlainLine[] {
  const lines: PlainLine[] = []
  for (let from = 0; ; ) {
    const lineEnd = text.indexOf('\n', from)
    if (lineEnd < 0) return lines
    const line = text.slice(from, lineEnd)
    const start = from + line.length - line.trimStart().length
    if (line.trim() !== '') {
      const members = membersOf(line)
      if (members === null) return lines
      const wanted = members.filter(({ name }) => names.includes(name))
      if (new Set(wanted.map(({ name }) => name)).size < wanted.length) return lines
      const fields = names.map((name) => {
        const member = wanted.find((each) => each.name === name)
        return member === undefined ? MISSING : placeOf(line, from, member)
      })
      lines.push({ start, end: line.endsWith('\r') ? lineEnd - 1 : lineEnd, fields })
    }
    from = lineEnd + 1
  }
}

interface Member {
  readonly name: string
  /** Where the value lies in the line. */
  readonly start: number
  readonly end: number
}

/** null: no object, or one that is the slow scanner's. */
function membersOf(line: string): Member[] | null {
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
  } catch {
    return null
  }
  const members: Member[] = []
  let depth = 0
  let deepest = 0
  let start = -1
  let name = ''
  let text = ''
  for (const match of line.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const token = match[0]
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    if (depth === 1 && token.startsWith('"')) text = token
    if (depth === 1 && token === ':') {
      if (text.includes('\\')) return null
      name = text.slice(1, -1)
      start = match.index + 1
    }
    if (depth === 1 && (token === ',' || token === '}') && start >= 0)
      members.push({ name, start, end: match.index })
    if (token === '}' || token === ']') depth--
  }
  return deepest > 500 ? null : members
}

function placeOf(line: string, from: number, { start, end }: Member): readonly [number, number] {
  const raw = line.slice(start, end)
  const value = raw.trim()
  if (value === 'null') return MISSING
  const at = from + start + raw.indexOf(value)
  if (!value.startsWith('"')) return [at, (at + value.length) << 2]
  return [at + 1, ((at + value.length - 1) << 2) | 1 | (value.includes('\\') ? 2 : 0)]
}
