/** Codes of keys: the place in the product of ranges, -1 outside of any and for null. */
export function codesTwin(
  columns: readonly (readonly (bigint | null)[])[],
  specs: readonly (readonly [min: bigint, size: bigint])[],
): bigint[] {
  return columns[0]!.map((_, row) => {
    let code = 0n
    for (const [index, column] of columns.entries()) {
      const [min, size] = specs[index]!
      const key = column[row]!
      if (key === null || key < min || key >= min + size) return -1n
      code = code * size + (key - min)
    }
    return code
  })
}

/** Rows by code, in their order. */
export function tableTwin(codes: readonly bigint[]): Map<bigint, number[]> {
  const rows = new Map<bigint, number[]>()
  for (const [row, code] of codes.entries()) if (code >= 0n) rows.set(code, [...(rows.get(code) ?? []), row])
  return rows
}

/** Pairs of probe and build rows with equal codes, in the order of probe rows, then of build rows. */
export function pairsTwin(probe: readonly bigint[], table: Map<bigint, number[]>): [number, number][] {
  return probe.flatMap((code, row) => (table.get(code) ?? []).map((other): [number, number] => [row, other]))
}
