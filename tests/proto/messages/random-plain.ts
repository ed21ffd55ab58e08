import { Decimal, Timestamp } from '../../../engine/types/index.ts'

/** Numbers in [0, 1) from a seed (mulberry32), so that a failure can be run again. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Any value that may travel, nested up to `depth`. */
export function randomPlain(random: () => number, depth: number): unknown {
  const below = (count: number) => Math.floor(random() * count)
  const several = () => Array.from({ length: below(6) }, () => randomPlain(random, depth - 1))
  const text = () => Array.from({ length: below(12) }, () => randomCharacter(below)).join('')
  const choice = below(depth > 0 ? 16 : 11)
  switch (choice) {
    case 0:
      return [null, undefined, true, false][below(4)]
    case 1:
      return below(200) - 50
    case 2:
      return (below(2) === 0 ? 1 : -1) * Math.floor(2 ** (random() * 53))
    case 3:
      return random() * 10 ** below(40)
    case 4:
      return BigInt(below(1000)) ** BigInt(below(15)) * (below(2) === 0 ? 1n : -1n)
    case 5:
      return ['kind', 'column', 'name', 'type'][below(4)]
    case 6:
      return text()
    case 7:
      return new Decimal(BigInt(below(100_000)), below(10))
    case 8:
      return new Timestamp(BigInt(below(2 ** 31)) * 1000n)
    case 9:
      return new Float64Array(Array.from({ length: below(5) }, random))
    case 10:
      return new Uint8Array(Array.from({ length: below(30) }, () => below(256)))
    case 11:
      return new Map(several().map((value, index) => [index % 2 === 0 ? index : `k${index}`, value]))
    case 12:
      return new Set(Array.from({ length: below(4) }, (_, index) => index * 3))
    case 13:
      return several()
    default:
      return Object.fromEntries(
        several().map((value, index) => [['kind', 'name', text(), 'x', 'y', 'z'][index], value]),
      )
  }
}

function randomCharacter(below: (count: number) => number): string {
  return String.fromCharCode([32 + below(95), 160 + below(96), below(65536)][below(3)]!)
}
