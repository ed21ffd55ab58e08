/** A comment as written, without its marks. */
export interface Comment {
  readonly line: number
  readonly kind: 'line' | 'block' | 'doc'
  readonly text: string
}

/** What the rules need to know of one file: its imports and its comments. */
export interface Scan {
  readonly imports: readonly { readonly line: number; readonly from: string }[]
  readonly comments: readonly Comment[]
}

const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in))\s*$/
const IMPORT =
  /(?:^|[;\s])(?:import|export)\s(?:[^'"`;=()]*?\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

/** Splits TypeScript into code and comments: comments and template texts become blanks, line numbers stay. */
export function scan(text: string): Scan {
  const comments: Comment[] = []
  let code = ''
  let at = 0
  while (at < text.length) {
    const end = endOfToken(text, at, code)
    const token = text.slice(at, end)
    if (token.startsWith('//') || token.startsWith('/*')) {
      comments.push(commentOf(token, lineAt(text, at)))
      code += blank(token)
    } else code += token.startsWith('`') || token.startsWith('/') ? blank(token) : token
    at = end
  }
  const imports = [...code.matchAll(IMPORT)].map((match) => {
    const from = match[1] ?? match[2] ?? ''
    return { line: lineAt(code, match.index + match[0].indexOf(from)), from }
  })
  return { imports, comments }
}

/** Where the comment, string, template, regular expression or single character that starts at `at` ends. */
function endOfToken(text: string, at: number, codeBefore: string): number {
  const two = text.slice(at, at + 2)
  if (two === '//') return positiveOr(text.indexOf('\n', at), text.length)
  if (two === '/*') return positiveOr(text.indexOf('*/', at + 2), text.length - 2) + 2
  const first = text[at]
  if (first === '`') return endOfTemplate(text, at)
  if (first === "'" || first === '"') return endOfQuoted(text, at, first)
  if (first === '/' && BEFORE_REGEX.test(codeBefore.slice(-40))) return endOfRegex(text, at)
  return at + 1
}

function positiveOr(found: number, otherwise: number): number {
  return found < 0 ? otherwise : found
}

function endOfQuoted(text: string, at: number, quote: string): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === quote || text[end] === '\n') return end + 1
  }
  return text.length
}

/** A template with what stands in its `${…}`, which may hold strings and templates again. */
function endOfTemplate(text: string, at: number): number {
  let depth = 0
  let end = at + 1
  while (end < text.length) {
    const character = text[end] ?? ''
    if (character === '\\') end += 2
    else if (depth === 0 && character === '`') return end + 1
    else if (depth === 0 && text.startsWith('${', end)) {
      depth = 1
      end += 2
    } else if (depth > 0 && character === '`') end = endOfTemplate(text, end)
    else if (depth > 0 && (character === "'" || character === '"')) end = endOfQuoted(text, end, character)
    else {
      if (depth > 0 && character === '{') depth++
      if (depth > 0 && character === '}') depth--
      end++
    }
  }
  return text.length
}

function endOfRegex(text: string, at: number): number {
  let inClass = false
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\n') return at + 1
    if (text[end] === '\\') end++
    else if (text[end] === '[') inClass = true
    else if (text[end] === ']') inClass = false
    else if (text[end] === '/' && !inClass) return end + 1
  }
  return at + 1
}

function commentOf(token: string, line: number): Comment {
  if (token.startsWith('//')) return { line, kind: 'line', text: token.slice(2).trim() }
  const text = token.replace(/^\/\*+|\*+\/$/g, '').replace(/^\s*\* ?/gm, '')
  return { line, kind: token.startsWith('/**') ? 'doc' : 'block', text: text.trim() }
}

function blank(token: string): string {
  return token.replace(/[^\n]/g, ' ')
}

function lineAt(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line++
  return line
}
