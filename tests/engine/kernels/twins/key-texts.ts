/** The first row whose text is not that of its number, or -1, and the numbers where such rows have none. */
export function differentTextsTwin(
  texts: readonly (string | null)[],
  numbers: readonly number[],
  own: readonly (string | null)[],
): { readonly first: number; readonly masked: readonly number[] } {
  const differs = (number: number, row: number) => number >= 0 && own[number] !== texts[row]
  return {
    first: numbers.findIndex(differs),
    masked: numbers.map((number, row) => (differs(number, row) ? -1 : number)),
  }
}
