import {
  isNull,
  listVector,
  setBit,
  structVector,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { type DataType, mapEntryType, mapType } from '../../types/index.ts'
import type { CallContext, LambdaBody, ScalarFunction } from '../scalar-function.ts'
import { checkCount } from '../signature.ts'
import { valueKey } from './compare-values.ts'
import type { Entry } from './map-entries.ts'
import { keyType, type MapType, mapOf } from './nested-types.ts'

/** map_zip_with: the keys of both maps, those of the first map first. */
export const mapZipWith: ScalarFunction = {
  name: 'map_zip_with',
  usage:
    'map_zip_with(a, b, (k, x, y) -> value) - a map of the keys of both; a value that is not there is NULL',
  volatility: 'immutable',
  nulls: 'custom',
  mayFail: true,
  lambdaParameters: (_index, args) => {
    const [a, b, key] = zipped(args)
    return [key, a.value, b.value]
  },
  resolve: (args) => {
    checkCount('map_zip_with', args.length, 3)
    const [a, b, key] = zipped(args)
    return { args: [mapType(key, a.value), mapType(key, b.value), args[2]!], returns: mapType(key, args[2]!) }
  },
  evaluateLambda: zip,
}

function zipped(args: readonly DataType[]): readonly [MapType, MapType, DataType] {
  const [a, b] = [mapOf('map_zip_with', args), mapOf('map_zip_with', args, 1)]
  return [a, b, keyType('map_zip_with', a, b.key)]
}

function zip(
  args: readonly Vector[],
  [body]: readonly LambdaBody[],
  { region, rowCount, returns }: CallContext,
): Vector {
  const [a, b] = args as [Vector, Vector]
  // Both arguments are maps, as `resolve` has checked.
  const [left, right] = [a.type as MapType, b.type as MapType]
  const inputs = [left.key, left.value, right.value].map((type) => vectorBuilder(type, region))
  const [readA, readB] = [valueReader(a), valueReader(b)]
  const offsets = region.int32(rowCount + 1)
  const validity = region.bitmap(rowCount)
  const rows: number[] = []
  for (let row = 0; row < rowCount; row++) {
    offsets[row] = rows.length
    if (isNull(a, row) || isNull(b, row)) continue
    setBit(validity, row)
    const [first, second] = [byKey(readA(row) as readonly Entry[]), byKey(readB(row) as readonly Entry[])]
    for (const name of new Set([...first.keys(), ...second.keys()])) {
      const [x, y] = [first.get(name), second.get(name)]
      inputs[0]!.append((x ?? y)![0])
      inputs[1]!.append(x?.[1] ?? null)
      inputs[2]!.append(y?.[1] ?? null)
      rows.push(row)
    }
  }
  offsets[rowCount] = rows.length
  const vectors = inputs.map((builder) => builder.finish())
  const values = body!.apply(vectors, rows.length, Int32Array.from(rows))
  const entries = structVector(mapEntryType(returns as MapType), rows.length, [vectors[0]!, values])
  return listVector(returns, rowCount, offsets, entries, validity)
}

function byKey(entries: readonly Entry[]): ReadonlyMap<unknown, Entry> {
  return new Map(entries.map((entry) => [valueKey(entry[0]), entry]))
}
