/** A size for people: `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  const [unit, size] = bytes < 1 << 20 ? ['KB', 1024] : bytes < 1 << 30 ? ['MB', 1 << 20] : ['GB', 1 << 30]
  return `${(bytes / size).toFixed(1)} ${unit}`
}
