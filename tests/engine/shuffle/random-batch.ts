import {
  dictionaryVector,
  type FlatVector,
  isNull,
  listVector,
  type RecordBatch,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import { constantOf } from '../../../engine/batch/make-vector.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { type DataType, field, listType, mapType, structType, types } from '../../../engine/types/index.ts'
import { KEY_TYPES, randomValue } from '../operators/random-values.ts'

/** What random vectors are made from. */
export interface Chance {
  readonly region: Region
  readonly random: () => number
}

const NESTED: readonly DataType[] = [
  listType(types.string),
  listType(listType(types.int64)),
  structType([field('a', listType(types.boolean)), field('b', structType([field('c', types.date)]))]),
  mapType(types.string, types.float64),
]

/** Any type, nested ones too. */
export function randomType({ random }: Chance): DataType {
  const all = [...KEY_TYPES, ...NESTED]
  return all[Math.floor(random() * all.length)]!
}

/** A batch of columns of these types in any encoding; `dictionaries` are those that batches before it had. */
export function randomBatch(
  chance: Chance,
  columnTypes: readonly DataType[],
  rowCount: number,
  dictionaries: (FlatVector | undefined)[],
): RecordBatch {
  const columns = columnTypes.map((type, index) => randomColumn(chance, type, rowCount, dictionaries, index))
  return { rowCount, columns }
}

/** Its rows as values. */
export function valuesOf({ rowCount, columns }: RecordBatch): unknown[] {
  const readers = columns.map(valueReader)
  return Array.from({ length: rowCount }, (_, row) => readers.map((read) => read(row)))
}

function randomColumn(
  chance: Chance,
  type: DataType,
  rowCount: number,
  dictionaries: (FlatVector | undefined)[],
  index: number,
): Vector {
  const { random, region } = chance
  const pick = random()
  if (type.kind === 'null') return flatVector(chance, type, rowCount)
  if (pick < 0.15) return constantOf(flatVector(chance, type, 1), rowCount, region)
  if (pick < 0.5) {
    const known = dictionaries[index]
    const dictionary =
      known !== undefined && random() < 0.7
        ? known
        : flatVector(chance, type, [1, 5, 300, 70_000][Math.floor(random() ** 4 * 4)]!)
    dictionaries[index] = dictionary
    return codedVector(chance, dictionary, rowCount)
  }
  if (pick < 0.6 && type.kind === 'list') return listOfCodes(chance, type, rowCount)
  const flat = flatVector(chance, type, rowCount + 3)
  return flat.encoding === 'bytes' ? fromThird(flat, rowCount, chance) : flatVector(chance, type, rowCount)
}

function flatVector({ region, random }: Chance, type: DataType, length: number): FlatVector {
  const builder = vectorBuilder(type, region, 8)
  const nullRate = random() < 0.4 ? 0 : random()
  for (let i = 0; i < length; i++) builder.append(anyValue(type, random, nullRate))
  return builder.finish()
}

function anyValue(type: DataType, random: () => number, nullRate: number): ReturnType<typeof randomValue> {
  if (type.kind !== 'map') return randomValue(type, random, nullRate)
  if (random() < nullRate) return null
  return Array.from({ length: Math.floor(random() * 3) }, (_, i) => [
    `key ${i}`,
    randomValue(type.value, random, nullRate),
  ])
}

/** Texts whose offsets do not begin at 0. */
function fromThird(
  vector: FlatVector & { readonly encoding: 'bytes' },
  length: number,
  chance: Chance,
): Vector {
  const builder = vectorBuilder(vector.type, chance.region, 8)
  const read = valueReader(vector)
  for (let i = 0; i < length; i++) builder.append(read(i + 3))
  const { validity, nullCount } = builder.finish()
  return { ...vector, length, validity, nullCount, offsets: vector.offsets.subarray(3) }
}

function codedVector({ region, random }: Chance, dictionary: FlatVector, length: number): Vector {
  const codes = region.int32(length)
  const validity = region.bitmap(length)
  for (let i = 0; i < length; i++) {
    const code = Math.floor(random() * dictionary.length)
    const isThere = random() > 0.1 && !isNull(dictionary, code)
    codes[i] = isThere ? code : 0
    if (isThere) validity[i >> 3]! |= 1 << (i & 7)
  }
  return dictionaryVector(length, codes, dictionary, validity)
}

function listOfCodes(chance: Chance, type: DataType & { kind: 'list' }, length: number): Vector {
  const { region, random } = chance
  const offsets = region.int32(length + 1)
  offsets[0] = 0
  for (let i = 0; i < length; i++) offsets[i + 1] = offsets[i]! + Math.floor(random() * 4)
  const entries = flatVector(chance, type.element, 7)
  return listVector(type, length, offsets, codedVector(chance, entries, offsets[length]!))
}
