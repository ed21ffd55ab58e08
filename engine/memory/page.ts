/** The unit in which memory is handed out, and the page of WebAssembly: 64 KiB. */
export const PAGE_BYTES = 65_536

/** A WebAssembly memory cannot be larger: 4 GiB. */
export const MAX_ARENA_BYTES = 65_536 * PAGE_BYTES

/** Fills freed pages with a pattern: as words, since bytes of shared memory are filled one by one. */
export function poisonPages(buffer: SharedArrayBuffer, address: number, pageCount: number): void {
  new Int32Array(buffer, address, (pageCount * PAGE_BYTES) / 4).fill(0xdbdb_dbdb | 0)
}

/** The first of `count` adjacent pages without an owner, from page `from` on; -1 if there are none. */
export function findFreePages(owners: Int32Array, from: number, count: number): number {
  let run = 0
  for (let page = from; page < owners.length; page++) {
    run = owners[page] === 0 ? run + 1 : 0
    if (run === count) return page - count + 1
  }
  return -1
}

/** As findFreePages, but the last ones that there are, not before page `from`. */
export function findLastFreePages(owners: Int32Array, from: number, count: number): number {
  let run = 0
  for (let page = owners.length - 1; page >= from; page--) {
    run = owners[page] === 0 ? run + 1 : 0
    if (run === count) return page
  }
  return -1
}
