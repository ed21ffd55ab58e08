/** The unit in which memory is handed out, and the page of WebAssembly: 64 KiB. */
export const PAGE_BYTES = 65_536

/** A WebAssembly memory cannot be larger: 4 GiB. */
export const MAX_ARENA_BYTES = 65_536 * PAGE_BYTES

/** Fills freed pages with a pattern: as words, since bytes of shared memory are filled one by one. */
export function poisonPages(buffer: SharedArrayBuffer, address: number, pageCount: number): void {
  new Int32Array(buffer, address, (pageCount * PAGE_BYTES) / 4).fill(0xdbdb_dbdb | 0)
}
