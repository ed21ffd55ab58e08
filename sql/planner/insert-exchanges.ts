import type { Expr } from '../../engine/expr/index.ts'
import type { Distribution } from '../../engine/plan/index.ts'
import { binderFor } from './bind.ts'
import { isClusteredBy, type Partitioning, SINGLE, shuffledBy } from './partitioning.ts'
import type { Planned, Planner } from './planned.ts'

/** The same rows in one partition. */
export function toSingle(input: Planned, planner: Planner): Planned {
  return input.partitioning.kind === 'single' ? input : exchange(input, { kind: 'single' }, SINGLE, planner)
}

/** The same rows by the hash of keys. */
export function toHash(
  input: Planned,
  keys: readonly Expr[],
  partitionCount: number,
  planner: Planner,
): Planned {
  if (partitionCount === 1) return toSingle(input, planner)
  const bound = keys.map(binderFor(input.columns).expr)
  const distribution: Distribution = { kind: 'hash', keys: bound, partitionCount }
  return exchange(input, distribution, shuffledBy(keys, partitionCount), planner)
}

/** All rows for every partition of the reader. */
export function toBroadcast(input: Planned, planner: Planner): Planned {
  return exchange(input, { kind: 'broadcast' }, SINGLE, planner)
}

/** The same rows, spread in turn. */
export function toRoundRobin(input: Planned, partitionCount: number, planner: Planner): Planned {
  if (partitionCount === 1) return toSingle(input, planner)
  return exchange(input, { kind: 'roundRobin', partitionCount }, { kind: 'unknown', partitionCount }, planner)
}

/** The same rows with equal keys together; as they are if they are so already. No keys: one partition. */
export function clusterBy(input: Planned, keys: readonly Expr[], planner: Planner): Planned {
  if (keys.length === 0) return toSingle(input, planner)
  if (isClusteredBy(input.partitioning, keys)) return input
  return toHash(input, keys, planner.context.shufflePartitions, planner)
}

function exchange(
  input: Planned,
  distribution: Distribution,
  partitioning: Partitioning,
  planner: Planner,
): Planned {
  const { schema } = input.plan
  const plan = {
    kind: 'ExchangeExec',
    id: planner.nextId(),
    schema,
    input: input.plan,
    distribution,
  } as const
  return { plan, columns: input.columns, partitioning }
}
