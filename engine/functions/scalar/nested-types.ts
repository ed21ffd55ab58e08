import { commonType, type DataType } from '../../types/index.ts'
import { mismatch } from '../signature.ts'

/** The type of an array. */
export type ListType = Extract<DataType, { kind: 'list' }>
/** The type of a map. */
export type MapType = Extract<DataType, { kind: 'map' }>

/** The type of argument `index`, which must be an array. */
export function listOf(name: string, args: readonly DataType[], index = 0): ListType {
  const type = args[index]
  if (type?.kind === 'null') return { kind: 'list', element: type }
  if (type?.kind !== 'list') throw mismatch(name, args, 'an array')
  return type
}

/** The type of argument `index`, which must be a map. */
export function mapOf(name: string, args: readonly DataType[], index = 0): MapType {
  const type = args[index]
  if (type?.kind !== 'map') throw mismatch(name, args, 'a map')
  return type
}

/** The type in which the keys of a map are compared with a value. */
export function keyType(name: string, map: MapType, value: DataType): DataType {
  const common = commonType(map.key, value)
  if (common === undefined) throw mismatch(name, [map, value], 'a map and a key of it')
  return common
}

/** The type that an array's elements and a value have in common. */
export function elementType(name: string, list: ListType, value: DataType): DataType {
  const common = commonType(list.element, value)
  if (common === undefined) throw mismatch(name, [list, value], 'an array and a value of its type')
  return common
}
