import { describe, expect, it } from 'vitest'
import { dictionaryVector, type FlatVector, type Vector } from '../../../engine/batch/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { lookupScalar, scalarFunctionNames } from '../../../engine/functions/index.ts'
import {
  type DataType,
  decimalType,
  listType,
  types,
  typesEqual,
  type Value,
} from '../../../engine/types/index.ts'
import { call, column, literal, run, usePool, vectorOf } from './fixture.ts'

usePool()

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
console.info(`seed ${seed}`)
let state = seed
function next(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

const SAMPLES: readonly [DataType, readonly Value[]][] = [
  [types.int32, [0, 1, -3, 7, 12, null]],
  [types.int64, [0n, 1n, -3n, 2n ** 40n, 12n, null]],
  [types.float64, [0, 1.5, -2.25, 1e9, Number.NaN, null]],
  [decimalType(9, 2), [0n, 150n, -275n, 10_000n, null]],
  [decimalType(30, 4), [0n, 10n ** 20n, -275n, 10_000n, null]],
  [types.string, ['', 'abc', 'Zürich', '2024-02-29', '12', 'abc', null]],
  [types.binary, [Uint8Array.of(), Uint8Array.of(1, 2, 3), null]],
  [types.boolean, [true, false, null]],
  [types.date, [0, 19_782, -5, null]],
  [types.timestamp, [0n, 1_700_000_000_123_456n, -1n, null]],
  [types.timestampNtz, [0n, 1_700_000_000_123_456n, -1n, null]],
  [types.intervalYm, [0, 14, -5, null]],
  [types.intervalDt, [0n, 90_061_000_001n, -5n, null]],
  [listType(types.int32), [[], [1, 2, null], [3], null]],
]

/** Every way to give a function one to three samples as they are, without casts. */
function* takenTypes(name: string): Generator<readonly (typeof SAMPLES)[number][]> {
  const resolve = lookupScalar(name)!.resolve
  const accepts = (tuple: readonly (typeof SAMPLES)[number][]) => {
    try {
      const wanted = resolve(
        tuple.map(([type]) => type),
        tuple.map(() => undefined),
      ).args
      return wanted.every((type, index) => typesEqual(type, tuple[index]![0]))
    } catch {
      return false
    }
  }
  for (const a of SAMPLES) {
    if (accepts([a])) yield [a]
    for (const b of SAMPLES) if (accepts([a, b])) yield [a, b]
  }
  let found = 0
  for (const a of SAMPLES)
    for (const b of SAMPLES)
      for (const c of SAMPLES) if (found < 6 && accepts([a, b, c]) && ++found > 0) yield [a, b, c]
}

const ROWS = 40

/** The answers of single rows, which are all constants; rows that fail are left out. */
function answers(name: string, tuple: readonly (typeof SAMPLES)[number][]) {
  const rows: { readonly args: readonly Value[]; readonly answer: Value }[] = []
  for (let i = 0; i < ROWS; i++) {
    const args = tuple.map(([, values]) => values[next(values.length)]!)
    try {
      const answer = run(call(name, ...args.map((arg, at) => literal(tuple[at]![0], arg))), [])[0]!
      rows.push({ args, answer })
    } catch {
      // A row that fails alone fails in a batch, too; other tests see to that.
    }
  }
  return rows
}

function asDictionary(type: DataType, values: readonly Value[]): Vector {
  const distinct: Value[] = []
  const codes = values.map((item) => {
    if (item === null) return 0
    const at = distinct.findIndex((other) => Object.is(other, item) || String(other) === String(item))
    return at >= 0 ? at : distinct.push(item) - 1
  })
  const validity = new Uint8Array((values.length + 7) >> 3)
  values.forEach((item, row) => {
    if (item !== null) validity[row >> 3]! |= 1 << (row & 7)
  })
  const dictionary = vectorOf(type, distinct.length === 0 ? [null] : distinct) as FlatVector
  return dictionaryVector(values.length, Int32Array.from(codes), dictionary, validity)
}

describe('flat, constant and dictionary columns give the same', () => {
  for (const name of scalarFunctionNames()) {
    const entry = lookupScalar(name)!
    if (entry.name !== name || entry.volatility === 'volatile' || entry.evaluateLambda !== undefined) continue
    it(name, () => {
      for (const tuple of takenTypes(name)) {
        // Digits of round and the like must be literals, so that their type may depend on them.
        const rows = answers(name, tuple)
        if (rows.length === 0) continue
        const columns = tuple.map(([type], at) =>
          vectorOf(
            type,
            rows.map(({ args }) => args[at]!),
          ),
        )
        const dictionaries = tuple.map(([type], at) =>
          asDictionary(
            type,
            rows.map(({ args }) => args[at]!),
          ),
        )
        const exprs = tuple.map(([type], at) => column(at, type))
        const label = `${name}(${tuple.map(([type]) => type.kind).join(', ')}), seed ${seed}`
        const expected = rows.map(({ answer }) => answer)
        let expr: Expr
        try {
          expr = call(name, ...exprs)
        } catch {
          continue
        }
        expect(run(expr, columns), label).toEqual(expected)
        expect(run(expr, dictionaries), `${label}, dictionaries`).toEqual(expected)
        for (let at = 0; at < tuple.length; at++) {
          const mixed = columns.map((flat, index) => (index === at ? dictionaries[index]! : flat))
          expect(run(expr, mixed), `${label}, dictionary ${at}`).toEqual(expected)
          const fixed = rows[0]!.args.map((arg, index) =>
            index === at ? exprs[index]! : literal(tuple[index]![0], arg),
          )
          const same = rows.filter(({ args }) =>
            args.every((arg, index) => index === at || Object.is(arg, rows[0]!.args[index])),
          )
          const partial = tuple.map(([type], index) =>
            asDictionary(
              type,
              same.map(({ args }) => args[index]!),
            ),
          )
          const wanted = same.map(({ answer }) => answer)
          expect(run(call(name, ...fixed), partial), `${label}, constants but ${at}`).toEqual(wanted)
        }
      }
    })
  }
})
