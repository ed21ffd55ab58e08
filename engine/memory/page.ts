/** The unit in which memory is handed out, and the page of WebAssembly: 64 KiB. */
export const PAGE_BYTES = 65_536

/** A WebAssembly memory cannot be larger: 4 GiB. */
export const MAX_ARENA_BYTES = 65_536 * PAGE_BYTES
