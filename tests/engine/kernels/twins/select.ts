/** The rows whose entry passes, one by one. */
export function selectCodesTwin(
  codes: Int32Array,
  validity: Uint8Array | null,
  count: number,
  verdicts: Uint8Array,
  nullsPass: boolean,
): number[] {
  const rows: number[] = []
  for (let row = 0; row < count; row++) {
    const isNull = validity !== null && ((validity[row >> 3]! >> (row & 7)) & 1) === 0
    if (isNull ? nullsPass : verdicts[codes[row]!] === 1) rows.push(row)
  }
  return rows
}
