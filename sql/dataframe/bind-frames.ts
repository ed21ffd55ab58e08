import { EngineError } from '../../engine/errors.ts'
import { type Resolved, type ScopeColumn, visibleColumns } from '../analyzer/index.ts'
import type { ColumnRef } from '../parser/index.ts'

/** Whoever can say which columns a reference meant: a DataFrame, or one side of a join. */
export interface FrameToken {
  resolve(): Promise<Resolved>
  /** For messages. */
  readonly label?: string | undefined
}

/** A column of a certain DataFrame: `df.col('a')`, or `l.a` in the condition of a join. */
export interface FrameColumn extends ColumnRef {
  readonly frame: FrameToken
}

/** An input of a step, and the tokens that mean just this one. */
export interface BindInput {
  readonly resolved: Resolved
  readonly tokens: readonly FrameToken[]
}

/** A syntax tree without frames, and inputs whose scopes know what the frames meant. */
export interface Bound<T> {
  readonly tree: T
  readonly inputs: readonly Resolved[]
}

/**
 * Turns columns of certain DataFrames into qualified names, under qualifiers that only they use.
 * AMBIGUOUS_REFERENCE if a DataFrame stands on both sides of a join.
 */
export async function bindFrames<T>(tree: T, inputs: readonly BindInput[]): Promise<Bound<T>> {
  const tokens = new Set<FrameToken>()
  collectTokens(tree, tokens)
  if (tokens.size === 0) return { tree, inputs: inputs.map(({ resolved }) => resolved) }
  const added: ScopeColumn[][] = inputs.map(() => [])
  const qualifiers = new Map<
    FrameToken,
    { readonly qualifier: string; readonly names: ReadonlySet<string> | null }
  >()
  for (const token of tokens) {
    const qualifier = token.label ?? `(frame ${qualifiers.size})`
    const side = await sideOf(token, inputs)
    if (side === null) continue
    const columns = side.columns.map(
      (entry): ScopeColumn => ({ ...entry, qualifier: [qualifier], hidden: true }),
    )
    added[side.index]!.push(...columns)
    const names = new Set(columns.map(({ column }) => column.name.toLowerCase()))
    qualifiers.set(token, { qualifier, names: token.label === undefined ? names : null })
  }
  const rename = ({ frame, ...ref }: FrameColumn): ColumnRef => {
    const known = qualifiers.get(frame)
    const isThere = known !== undefined && (known.names?.has(ref.parts[0]!.toLowerCase()) ?? true)
    return isThere ? { ...ref, parts: [known.qualifier, ...ref.parts] } : ref
  }
  return {
    tree: rewrite(tree, rename) as T,
    inputs: inputs.map(({ resolved }, index) => ({
      plan: resolved.plan,
      scope: { ...resolved.scope, columns: [...resolved.scope.columns, ...added[index]!] },
    })),
  }
}

/** The result of a step without the qualifiers that `bindFrames` put in. */
export function withoutFrames({ plan, scope }: Resolved): Resolved {
  const columns = scope.columns.filter(
    ({ qualifier, hidden }) => !(hidden && qualifier[0]?.startsWith('(') === true),
  )
  return columns.length === scope.columns.length ? { plan, scope } : { plan, scope: { ...scope, columns } }
}

/** The input that a token means, and its columns as the token's DataFrame calls them. */
async function sideOf(
  token: FrameToken,
  inputs: readonly BindInput[],
): Promise<{ readonly index: number; readonly columns: readonly ScopeColumn[] } | null> {
  const exact = inputs.flatMap((input, index) => (input.tokens.includes(token) ? [index] : []))
  const frame = await token.resolve()
  const ids = new Map(visibleColumns(frame.scope).map((column) => [column.id, column.name]))
  const found = inputs.map(({ resolved }) =>
    resolved.scope.columns
      .filter(({ column }) => ids.has(column.id))
      .map((entry) => ({ ...entry, column: { ...entry.column, name: ids.get(entry.column.id)! } })),
  )
  const indexes =
    exact.length > 0 ? exact : found.flatMap((columns, index) => (columns.length > 0 ? [index] : []))
  if (indexes.length > 1)
    throw new EngineError(
      'AMBIGUOUS_REFERENCE',
      'a column of a DataFrame that is on both sides of the join',
      {
        hint: 'Name the side: join(other, (left, right) => left.id.eq(right.id)).',
      },
    )
  const [index] = indexes
  return index === undefined ? null : { index, columns: found[index]! }
}

function isFrameColumn(node: object): node is FrameColumn {
  return (node as { kind?: unknown }).kind === 'column' && 'frame' in node
}

function isTree(node: unknown): node is object {
  return typeof node === 'object' && node !== null && !(node instanceof Uint8Array)
}

function collectTokens(node: unknown, into: Set<FrameToken>): void {
  if (!isTree(node)) return
  if (isFrameColumn(node)) into.add(node.frame)
  else for (const child of Object.values(node)) collectTokens(child, into)
}

/** The tree with other columns; parts without such columns stay the same objects. */
function rewrite(node: unknown, rename: (ref: FrameColumn) => ColumnRef): unknown {
  if (!isTree(node)) return node
  if (isFrameColumn(node)) return rename(node)
  if (Array.isArray(node)) {
    const items = node.map((item) => rewrite(item, rename))
    return items.every((item, index) => item === node[index]) ? node : items
  }
  const entries = Object.entries(node).map(([key, value]) => [key, value, rewrite(value, rename)] as const)
  if (entries.every(([, before, after]) => before === after)) return node
  return Object.fromEntries(entries.map(([key, , after]) => [key, after]))
}
