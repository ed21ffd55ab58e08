import {
  fixedVector,
  getBit,
  halvesOf,
  hashRows,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { Region } from '../../memory/index.ts'
import { types, type Value } from '../../types/index.ts'
import type { Accumulator, AggregateFunction } from '../aggregate-function.ts'
import { any, float64, signature } from '../signature.ts'

/** Up to so many distinct hashes are kept as they are, so that small counts are exact. */
const EXACT_HASHES = 256

/** Registers of a relative error of 5 %, Spark's default. */
const DEFAULT_BITS = 9

const resolve = signature('approx_count_distinct', [any, float64], types.int64, { min: 1 })

/** About how many distinct values that are not NULL, by HyperLogLog; exact for a few hundred. Never NULL. */
export const approximateCountDistinct: AggregateFunction = {
  name: 'approx_count_distinct',
  usage: 'approx_count_distinct(expr[, relative error]) - about the number of distinct values',
  ignoresDistinct: true,
  resolve: (args, literals) => ({ ...resolve(args, literals), state: [types.binary] }),
  accumulator: ({ region }) => new DistinctSketches(region),
}

/** Distinct hashes while they are few, then 2^bits registers: the longest run of zeros seen in each. */
interface Sketch {
  hashes: Set<number> | null
  registers: Uint8Array | null
  bits: number
}

class DistinctSketches implements Accumulator {
  readonly #sketches: Sketch[] = []
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  resize(groupCount: number): void {
    while (this.#sketches.length < groupCount)
      this.#sketches.push({ hashes: new Set(), registers: null, bits: DEFAULT_BITS })
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const [values, error] = args
    if (rowCount === 0) return
    const bits = error === undefined ? DEFAULT_BITS : bitsForError(valueReader(error)(0))
    const scratch = this.#region.pool.createRegion(this.#region.tag)
    try {
      const hashes = halvesOf(hashRows([values!], rowCount, scratch))
      for (let i = 0; i < rowCount; i++) {
        if (values!.validity !== null && !getBit(values!.validity, i)) continue
        const sketch = this.#sketches[groups[i]!]!
        sketch.bits = bits
        addHash(sketch, hashes[2 * i]!)
      }
    } finally {
      scratch.free()
    }
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const read = valueReader(state[0]!)
    for (let i = 0; i < rowCount; i++) mergeBytes(this.#sketches[groups[i]!]!, read(i) as Uint8Array)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const builder = vectorBuilder(types.binary, region, count)
    for (let group = from; group < from + count; group++) builder.append(toBytes(this.#sketches[group]!))
    return [builder.finish()]
  }

  finish(from: number, count: number, region: Region): Vector {
    const values = region.int64(count)
    for (let i = 0; i < count; i++) values[i] = BigInt(estimate(this.#sketches[from + i]!))
    return fixedVector(types.int64, count, values)
  }
}

function bitsForError(error: Value): number {
  if (typeof error !== 'number' || !(error > 0 && error <= 0.39))
    throw new EngineError(
      'INVALID_ARGUMENT',
      `the relative error must lie between 0 and 0.39, it is ${error}`,
    )
  return Math.min(16, Math.max(4, Math.ceil(2 * Math.log2(1.106 / error))))
}

function addHash(sketch: Sketch, hash: number): void {
  if (sketch.registers !== null) {
    addToRegisters(sketch.registers, sketch.bits, hash)
    return
  }
  sketch.hashes!.add(hash)
  if (sketch.hashes!.size > EXACT_HASHES) toRegisters(sketch)
}

function toRegisters(sketch: Sketch): void {
  sketch.registers = new Uint8Array(1 << sketch.bits)
  for (const hash of sketch.hashes!) addToRegisters(sketch.registers, sketch.bits, hash)
  sketch.hashes = null
}

function addToRegisters(registers: Uint8Array, bits: number, hash: number): void {
  const index = hash >>> (32 - bits)
  const run = Math.min(32 - bits, Math.clz32(hash << bits)) + 1
  if (run > registers[index]!) registers[index] = run
}

/** Byte 0: the register bits; byte 1: 0 for hashes, 1 for registers; then those. */
function toBytes({ hashes, registers, bits }: Sketch): Uint8Array {
  if (registers !== null) return Uint8Array.from([bits, 1, ...registers])
  const body = new Uint8Array(Int32Array.from(hashes!).buffer)
  return Uint8Array.from([bits, 0, ...body])
}

function mergeBytes(sketch: Sketch, bytes: Uint8Array): void {
  sketch.bits = bytes[0]!
  const body = bytes.slice(2)
  if (bytes[1] === 0) {
    for (const hash of new Int32Array(body.buffer)) addHash(sketch, hash)
    return
  }
  if (sketch.registers === null) toRegisters(sketch)
  const registers = sketch.registers!
  for (let i = 0; i < registers.length; i++) if (body[i]! > registers[i]!) registers[i] = body[i]!
}

function estimate({ hashes, registers }: Sketch): number {
  if (registers === null) return hashes!.size
  const size = registers.length
  let [sum, zeros] = [0, 0]
  for (const run of registers) {
    sum += 2 ** -run
    if (run === 0) zeros++
  }
  const raw = ((0.7213 / (1 + 1.079 / size)) * size * size) / sum
  if (raw <= 2.5 * size && zeros > 0) return Math.round(size * Math.log(size / zeros))
  // Different values share one of 2^32 hashes when they are very many.
  return Math.round(raw > 2 ** 32 / 30 ? -(2 ** 32) * Math.log(1 - raw / 2 ** 32) : raw)
}
