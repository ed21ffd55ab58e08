import type { Expr } from '../../engine/expr/index.ts'
import { columnIdsOf, type LogicalPlan } from '../plan/index.ts'
import { outputIds } from './columns.ts'
import type { EqualColumns } from './equal-columns.ts'
import { type JoinInput, joinSelectivity, splitCondition } from './join-estimate.ts'
import { deriveLocal } from './local-conditions.ts'
import { allOf } from './predicate.ts'
import { selectivity } from './selectivity.ts'
import { estimate } from './statistics.ts'

/** An order of joins: a relation by its position, or two orders joined. */
export type JoinTree = number | readonly [JoinTree, JoinTree]

/** Relations up to which all orders are tried. */
const MOST_FOR_ALL = 10

/** What a row of the side that a table is built of costs; it is moved, copied and put into the table. */
const BUILD_COST = 2

/**
 * Conditions that read the same relations: the bits of these, what part of all pairs they keep, and whether
 * one is an equality. `classes` are the sets of equal columns that they are about.
 */
interface Edge {
  readonly mask: number
  readonly selectivity: number
  readonly isEqual: boolean
  readonly classes: readonly number[]
  /** Whether it says nothing but that columns of these classes are equal. */
  readonly isOnlyClasses: boolean
}

/**
 * An order of some of the relations. The larger side of a join streams past the other, and what streams past
 * one table after the other has been filtered by the keys of them all when it was read: so all joins of such
 * a chain cost the rows that come out of it.
 */
interface Candidate {
  readonly mask: number
  readonly rows: number
  readonly cost: number
  /** The relation at the bottom of the chain, as a bit; how many joins it has; the cost of all else. */
  readonly streamed: number
  readonly chainLength: number
  readonly otherCost: number
  readonly tree: JoinTree
}

/**
 * The order with the fewest rows made on the way, among all trees for up to ten relations, else by joining
 * the cheapest pair first.
 * Relations that no condition connects are joined last.
 */
export function orderJoins(
  relations: readonly LogicalPlan[],
  parts: readonly Expr[],
  equalities: EqualColumns,
): JoinTree {
  const edges = edgesOf(relations, parts, equalities)
  const leaves = relations.map(
    (relation, index): Candidate => ({
      mask: 2 ** index,
      rows: estimate(relation).rows,
      cost: 0,
      streamed: 2 ** index,
      chainLength: 0,
      otherCost: 0,
      tree: index,
    }),
  )
  const done = components(leaves, edges).map((component) =>
    component.length <= MOST_FOR_ALL ? tryAll(component, edges) : joinCheapest(component, edges),
  )
  done.sort((a, b) => a.rows - b.rows)
  return done.reduce((all, next) => joinPair(all, next, edges)).tree
}

/** The most selective first. */
function edgesOf(
  relations: readonly LogicalPlan[],
  parts: readonly Expr[],
  { classOf }: EqualColumns,
): Edge[] {
  const inputs = relations.map((plan): JoinInput => ({ estimate: estimate(plan), ids: outputIds(plan) }))
  const owner = new Map(inputs.flatMap(({ ids }, index) => [...ids].map((id) => [id, index] as const)))
  const groups = new Map<number, Expr[]>()
  for (const part of parts) {
    const mask = [...new Set([...columnIdsOf(part)].map((id) => owner.get(id)!))].reduce(
      (sum, at) => sum + 2 ** at,
      0,
    )
    groups.set(mask, [...(groups.get(mask) ?? []), part])
  }
  const edges = [...groups].map(([mask, group]): Edge => {
    const known = group.map(classOf).filter((each) => each !== undefined)
    const shared = { mask, classes: [...new Set(known)], isOnlyClasses: known.length === group.length }
    const [left, right, ...more] = inputs.filter((_, index) => has(mask, index))
    if (left === undefined || right === undefined || more.length > 0)
      return { ...shared, selectivity: 0.25 ** group.length, isEqual: false }
    const condition = allOf(group)
    const isEqual = splitCondition(condition, left.ids, right.ids).keys.length > 0
    const kept = joinSelectivity(left, right, condition)
    const demanded = localSelectivity(
      group,
      relations.filter((_, index) => has(mask, index)),
    )
    return { ...shared, selectivity: Math.min(1, kept / demanded), isEqual }
  })
  return edges.sort((a, b) => a.selectivity - b.selectivity)
}

/** What part of their rows relations keep for what ORs among the conditions demand of each by itself. */
function localSelectivity(parts: readonly Expr[], relations: readonly LogicalPlan[]): number {
  const ors = parts.filter(({ kind }) => kind === 'or')
  let product = 1
  for (const relation of relations)
    for (const part of deriveLocal(ors, [relation])) product *= selectivity(part, estimate(relation))
  return product
}

// Masks are sums of powers of two, so that more than 31 relations have one each.
function has(mask: number, index: number): boolean {
  return Math.floor(mask / 2 ** index) % 2 === 1
}

function covers(mask: number, part: number): boolean {
  return overlap(mask, part) === part
}

function overlap(a: number, b: number): number {
  if (a <= 0x7fffffff && b <= 0x7fffffff) return a & b
  const high = (Math.floor(a / 2 ** 31) & Math.floor(b / 2 ** 31)) * 2 ** 31
  return high + ((a % 2 ** 31) & (b % 2 ** 31))
}

/** Groups of relations that conditions connect. */
function components(leaves: readonly Candidate[], edges: readonly Edge[]): Candidate[][] {
  let groups = leaves.map((leaf) => ({ mask: leaf.mask, members: [leaf] }))
  for (const edge of edges) {
    const touched = groups.filter(({ mask }) => overlap(mask, edge.mask) !== 0)
    if (touched.length < 2) continue
    const merged = {
      mask: touched.reduce((sum, { mask }) => sum + mask, 0),
      members: touched.flatMap(({ members }) => members),
    }
    groups = [...groups.filter((group) => !touched.includes(group)), merged]
  }
  return groups.map(({ members }) => members)
}

/** Two orders joined. Without an equality every pair is looked at. */
function joinPair(left: Candidate, right: Candidate, edges: readonly Edge[]): Candidate {
  const mask = left.mask + right.mask
  const [stream, build] = left.rows >= right.rows ? [left, right] : [right, left]
  let kept = 1
  let isEqual = false
  let isFiltered = false
  const seen: number[] = []
  for (const edge of edges) {
    if (!covers(mask, edge.mask) || covers(left.mask, edge.mask) || covers(right.mask, edge.mask)) continue
    isEqual ||= edge.isEqual
    isFiltered ||= edge.isEqual && overlap(edge.mask, stream.streamed) !== 0
    // What one edge says of a class, another does not say again.
    if (edge.isOnlyClasses && edge.classes.every((each) => seen.includes(each))) continue
    seen.push(...edge.classes)
    kept *= edge.selectivity
  }
  const pairs = left.rows * right.rows
  const rows = Math.max(1, pairs * kept)
  const tree = [left.tree, right.tree] as const
  const { streamed } = stream
  if (!isEqual) {
    const otherCost = left.cost + right.cost + pairs
    return { mask, rows, cost: otherCost + rows, streamed, chainLength: 1, otherCost, tree }
  }
  const isChained = isFiltered && rows <= stream.rows
  const chainLength = isChained ? stream.chainLength + 1 : 1
  const otherCost = build.cost + build.rows * BUILD_COST + (isChained ? stream.otherCost : stream.cost)
  return { mask, rows, cost: otherCost + chainLength * rows, streamed, chainLength, otherCost, tree }
}

function areConnected(a: Candidate, b: Candidate, edges: readonly Edge[]): boolean {
  const both = a.mask + b.mask
  return edges.some(
    ({ mask }) => covers(both, mask) && overlap(mask, a.mask) !== 0 && overlap(mask, b.mask) !== 0,
  )
}

/** The best tree of every connected subset, from those of its parts. */
function tryAll(leaves: readonly Candidate[], edges: readonly Edge[]): Candidate {
  const best: (Candidate | undefined)[] = new Array(2 ** leaves.length)
  for (const [index, leaf] of leaves.entries()) best[1 << index] = leaf
  for (let subset = 3; subset < best.length; subset++) {
    const lowest = subset & -subset
    if (subset === lowest) continue
    for (let part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
      if ((part & lowest) === 0) continue
      const [left, right] = [best[part], best[subset - part]]
      if (left === undefined || right === undefined || !areConnected(left, right, edges)) continue
      const candidate = joinPair(left, right, edges)
      const before = best[subset]
      if (before === undefined || candidate.cost < before.cost) best[subset] = candidate
    }
  }
  return best.at(-1) ?? joinCheapest(leaves, edges)
}

/** Joins the connected pair with the fewest rows, again and again. */
function joinCheapest(leaves: readonly Candidate[], edges: readonly Edge[]): Candidate {
  let open = [...leaves]
  while (open.length > 1) {
    let best: { candidate: Candidate; isConnected: boolean; parts: readonly Candidate[] } | undefined
    for (const [index, a] of open.entries())
      for (const b of open.slice(index + 1)) {
        const isConnected = areConnected(a, b, edges)
        const candidate = joinPair(a, b, edges)
        const isBetter =
          best === undefined ||
          (isConnected && !best.isConnected) ||
          (isConnected === best.isConnected && candidate.rows < best.candidate.rows)
        if (isBetter) best = { candidate, isConnected, parts: [a, b] }
      }
    const { candidate, parts } = best!
    open = [...open.filter((each) => !parts.includes(each)), candidate]
  }
  return open[0]!
}
