/**
 * Counters of one node in one task or, merged, in a job: `rows`, `batches`, `ms`, and what the operator
 * counts.
 */
export type NodeMetrics = Record<string, number>

/** Counters by node id. Plain data. */
export type PlanMetrics = Record<number, NodeMetrics>

/** Adds `amount` to one counter. */
export function addMetric(metrics: PlanMetrics, nodeId: number, name: string, amount: number): void {
  let node = metrics[nodeId]
  if (node === undefined) {
    node = {}
    metrics[nodeId] = node
  }
  node[name] = (node[name] ?? 0) + amount
}

/** Adds all counters of `from` into `into`. */
export function mergeMetrics(into: PlanMetrics, from: PlanMetrics): void {
  for (const [nodeId, node] of Object.entries(from))
    for (const [name, amount] of Object.entries(node)) addMetric(into, Number(nodeId), name, amount)
}
