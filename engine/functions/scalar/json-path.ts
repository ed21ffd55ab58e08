import { formatFloat64 } from './format-value.ts'
import { type JsonNode, jsonText, parseJson } from './json-tree.ts'

/** One step of a path: a member, an index from 0, or all elements. */
type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }

const STEP = /\.([^.[\]]+)|\['([^']+)'\]|\[(\d+)\]|(\[\*\])/y
const paths = new Map<string, readonly Step[] | null>()

/**
 * What a path such as `$.a.b[0]` or `$.a[*].b` finds in a JSON text; null if nothing, or if either is
 * invalid.
 */
export function jsonAtPath(text: string, path: string): string | null {
  let steps = paths.get(path)
  if (steps === undefined) {
    steps = parsePath(path)
    if (paths.size > 500) paths.clear()
    paths.set(path, steps)
  }
  if (steps === null) return null
  const root = parseJson(text, true)
  if (root === undefined) return null
  const found: string[] = []
  collect(root, steps, 0, 'raw', found)
  return found.length === 0 ? null : found.join(',')
}

function parsePath(path: string): readonly Step[] | null {
  if (!path.startsWith('$')) return null
  const steps: Step[] = []
  for (let at = 1; at < path.length; ) {
    STEP.lastIndex = at
    const match = STEP.exec(path)
    if (match === null) return null
    const name = match[1] ?? match[2]
    if (name === '*') return null
    if (name !== undefined) steps.push({ kind: 'member', name })
    else steps.push(match[3] === undefined ? { kind: 'all' } : { kind: 'index', index: Number(match[3]) })
    at = STEP.lastIndex
  }
  return steps
}

/** How what is found is written: a text as it is, as JSON, or as JSON with arrays opened. */
type Style = 'raw' | 'quoted' | 'flat'

function collect(node: JsonNode, steps: readonly Step[], at: number, style: Style, found: string[]): void {
  const step = steps[at]
  if (step === undefined) write(node, style, found)
  else if (step.kind === 'member') {
    if (node.kind !== 'object') return
    const member = node.members.find(([name]) => name === step.name)
    if (member !== undefined && member[1].kind !== 'null') collect(member[1], steps, at + 1, style, found)
  } else if (node.kind !== 'array') return
  else if (step.kind === 'index') {
    const item = node.items[step.index]
    const inner = steps[at + 1]?.kind === 'all' ? 'quoted' : style
    if (item !== undefined) collect(item, steps, at + 1, inner, found)
  } else collectAll(node.items, steps, at, style, found)
}

function collectAll(
  items: readonly JsonNode[],
  steps: readonly Step[],
  at: number,
  style: Style,
  found: string[],
): void {
  const inner: string[] = []
  if (steps[at + 1]?.kind === 'all') {
    for (const item of items) collect(item, steps, at + 2, 'flat', inner)
    found.push(`[${inner.join(',')}]`)
    return
  }
  for (const item of items) collect(item, steps, at + 1, style === 'raw' ? 'quoted' : style, inner)
  // Outside of other arrays one match stands for itself.
  if (style === 'quoted' || inner.length > 1) found.push(`[${inner.join(',')}]`)
  else found.push(...inner)
}

function write(node: JsonNode, style: Style, found: string[]): void {
  if (style === 'raw' && node.kind === 'string') found.push(node.text)
  else if (style === 'flat' && node.kind === 'array') for (const item of node.items) write(item, style, found)
  else found.push(jsonText(node, javaDouble))
}

/** Numbers with a point come out as Java prints doubles. */
function javaDouble(text: string): string {
  return formatFloat64(Number(text))
}
