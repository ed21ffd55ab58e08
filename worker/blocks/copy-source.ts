import type { BlockHolder } from './fetch-request.ts'

/**
 * From whom a reader takes a copy of what all `readers` read whole: they form a tree, so that no one serves
 * more than two and the holders serve the first alone.
 *
 * ```
 * holders ─▶ 0 ─▶ 1 ─▶ 3
 *            │    └──▶ 4
 *            └──▶ 2 ─▶ 5
 * ```
 *
 * Null: from the holders. Whoever does not get it from here within some time asks the holders too.
 */
export function copySource(readers: readonly BlockHolder[], selfId: string): BlockHolder | null {
  const index = readers.findIndex(({ holderId }) => holderId === selfId)
  return index <= 0 ? null : (readers[(index - 1) >> 1] ?? null)
}
