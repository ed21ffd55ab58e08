/** The tree without positions and undefined entries, to compare by eye. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const entries = Object.entries(value).filter(([key, entry]) => key !== 'position' && entry !== undefined)
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]))
}
