/** Every node of a syntax tree, in no particular order. A loop, so that depth does not matter. */
export function* nodesOf(tree: object): Iterable<Readonly<Record<string, unknown>>> {
  const open: unknown[] = [tree]
  while (open.length > 0) {
    const node = open.pop()
    if (typeof node !== 'object' || node === null || node instanceof Uint8Array) continue
    if (Array.isArray(node)) {
      for (const item of node) open.push(item)
      continue
    }
    // Nodes are plain data of unknown kind here.
    const record = node as Readonly<Record<string, unknown>>
    yield record
    for (const child of Object.values(record)) open.push(child)
  }
}
