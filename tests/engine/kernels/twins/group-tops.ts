/** Rows that are, when they come, among the `limit` least of their group, or equal to the last of these. */
export function keptTwin(words: readonly bigint[], groups: readonly number[], limit: number): number[] {
  const tops = new Map<number, bigint[]>()
  return words.flatMap((word, row) => {
    const top = tops.get(groups[row]!) ?? []
    const isKept = top.length < limit || word <= top[limit - 1]!
    if (isKept && !(top.length === limit && word === top[limit - 1]!))
      tops.set(groups[row]!, [...top, word].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).slice(0, limit))
    return isKept ? [row] : []
  })
}

/** Rows that are among the `limit` least of their group, or equal to the last of these. */
export function firstTwin(words: readonly bigint[], groups: readonly number[], limit: number): number[] {
  return [...words.keys()].filter((row) => {
    const before = words.filter((word, other) => groups[other] === groups[row] && word < words[row]!)
    return before.length < limit
  })
}
