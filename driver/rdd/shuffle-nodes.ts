import { compareKeys } from '../../engine/user-code/index.ts'
import { stepNode } from './rdd-base.ts'
import type { JobContext, RddNode } from './rdd-node.ts'

/** Keys that are sampled for each partition of a sort, over all its inputs. */
const SAMPLE_KEYS = 200

/**
 * Equal keys, or with `keyed` false equal values, meet in one partition; each input is a side. 0 partitions:
 * one a slot.
 */
export function hashExchange(inputs: readonly RddNode[], keyed: boolean, partitionCount: number): RddNode {
  const outputs = inputs.map((_, side) => ({ kind: 'hash', partitionCount, side, keyed }) as const)
  return { kind: 'exchange', inputs, outputs }
}

/**
 * Pairs in the order of keys: partitions by ranges of keys, found by a sample, and each sorted. 0 partitions:
 * one a slot.
 */
export function sortedNode(input: RddNode, descending: boolean, partitionCount: number): RddNode {
  return {
    kind: 'deferred',
    async resolve(run) {
      const count = partitionCount > 0 ? partitionCount : run.slots
      const bounds = count > 1 ? await boundsOf(input, count, run) : []
      const output = { kind: 'range', bounds, descending, partitionCount: bounds.length + 1 } as const
      const exchange: RddNode = { kind: 'exchange', inputs: [input], outputs: [output] }
      return stepNode(exchange, { kind: 'sort', descending })
    },
  }
}

/** Keys that cut the values into about equal parts; ascending, without doubles. */
async function boundsOf(input: RddNode, partitionCount: number, run: JobContext): Promise<unknown[]> {
  const size = SAMPLE_KEYS * partitionCount
  const partitions = await run.partitionsOf(stepNode(input, { kind: 'sampleKeys', size, seed: 42 }))
  const samples = partitions.flat() as (readonly [unknown[], number])[]
  // A key of a large partition stands for more values.
  const weighted = samples
    .flatMap(([keys, count]) => keys.map((key) => ({ key, weight: count / keys.length })))
    .sort((a, b) => compareKeys(a.key, b.key))
  const step = weighted.reduce((sum, { weight }) => sum + weight, 0) / partitionCount
  const bounds: unknown[] = []
  let passed = 0
  for (const { key, weight } of weighted) {
    passed += weight
    const isNew = bounds.length === 0 || compareKeys(bounds.at(-1), key) < 0
    if (passed >= step * (bounds.length + 1) && isNew && bounds.length < partitionCount - 1) bounds.push(key)
  }
  return bounds
}

/** Partitions put together, neighbours with neighbours; values keep their order. */
export function coalescedNode(input: RddNode, partitionCount: number): RddNode {
  return {
    kind: 'deferred',
    async resolve(run) {
      const before = await run.partitionCountOf(input)
      if (before <= partitionCount) return input
      const targets = Array.from({ length: before }, (_, p) => Math.floor((p * partitionCount) / before))
      return {
        kind: 'exchange',
        inputs: [input],
        outputs: [{ kind: 'move', targets, side: 0, partitionCount }],
      }
    },
  }
}

/** Every value of one side with every value of the other, in the partitions of the first. */
export function cartesianNode(left: RddNode, right: RddNode): RddNode {
  return {
    kind: 'deferred',
    async resolve(run) {
      const partitionCount = Math.max(1, await run.partitionCountOf(left))
      const targets = Array.from({ length: partitionCount }, (_, p) => p)
      const exchange: RddNode = {
        kind: 'exchange',
        inputs: [left, right],
        outputs: [
          { kind: 'move', targets, side: 0, partitionCount },
          { kind: 'all', side: 1, partitionCount },
        ],
      }
      return stepNode(exchange, { kind: 'cartesian' })
    },
  }
}

/** Values with their number over all partitions; partitions are counted first. */
export function indexedNode(input: RddNode): RddNode {
  return {
    kind: 'deferred',
    async resolve(run) {
      const counts = (await run.partitionsOf(stepNode(input, { kind: 'count' }))).map(([count]) =>
        Number(count),
      )
      const starts = counts.map((_, p) => counts.slice(0, p).reduce((sum, count) => sum + count, 0))
      return stepNode(input, { kind: 'zipWithIndex', starts })
    },
  }
}
