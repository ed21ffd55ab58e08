import type { ColumnOf } from '../column-types.ts'
import { define } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  BooleanResult,
  List,
  LongResult,
  Mapping,
  OrDynamic,
  Same,
  StringResult,
  Text,
  TypeOf,
  Unary,
  Whole,
} from '../function-types.ts'
import type { Int } from '../row-types.ts'

/** An array of columns. */
export const array: <A extends Any>(...values: readonly A[]) => ColumnOf<readonly OrDynamic<TypeOf<A>>[]> =
  define('array')

/** A struct of columns under their names. */
export const struct: (...columns: readonly Any[]) => AnyResult = define('struct')

/** A struct of names and values in turn. */
export const namedStruct: (...namesAndValues: readonly Any[]) => AnyResult = define('named_struct')

/** A map of keys and values in turn. */
export const createMap: (...keysAndValues: readonly Any[]) => AnyResult = define('map')

/** A map of two arrays. */
export const mapFromArrays: (keys: List, values: List) => AnyResult = define('map_from_arrays')

/** A map of an array of pairs. */
export const mapFromEntries: (entries: List) => AnyResult = define('map_from_entries')

/** Keys as an array. */
export const mapKeys: (value: Mapping) => AnyResult = define('map_keys')

/** Values as an array. */
export const mapValues: (value: Mapping) => AnyResult = define('map_values')

/** Pairs as an array of structs. */
export const mapEntries: (value: Mapping) => AnyResult = define('map_entries')

/** Maps together. */
export const mapConcat: (...values: readonly Mapping[]) => AnyResult = define('map_concat')

/** Whether a key is there. */
export const mapContainsKey: (value: Mapping, key: unknown) => BooleanResult = define('map_contains_key', 1)

/** A map of text such as `a:1,b:2`. */
export const strToMap: (text: Text, pairs?: string, keys?: string) => AnyResult = define('str_to_map', 1)

/** Number of elements; NULL of NULL. */
export const size: Unary<List | Mapping, Int> = define('size')

/** The same as `size`. */
export const cardinality: Unary<List | Mapping, Int> = define('cardinality')

/** Number of elements. */
export const arraySize: Unary<List, Int> = define('array_size')

/** The element at a position from 1, or under a key. */
export const elementAt: (value: List | Mapping, key: unknown) => AnyResult = define('element_at', 1)

/** The element at a position from 1, or under a key, or NULL. */
export const tryElementAt: (value: List | Mapping, key: unknown) => AnyResult = define('try_element_at', 1)

/** The element at an index from 0, or NULL. */
export const get: (value: List, index: Whole) => AnyResult = define('get')

/** Whether an element is there. */
export const arrayContains: (value: List, element: unknown) => BooleanResult = define('array_contains', 1)

/** Place of the first such element from 1; 0 if there is none. */
export const arrayPosition: (value: List, element: unknown) => LongResult = define('array_position', 1)

/** Without elements that equal one. */
export const arrayRemove: <A extends List>(value: A, element: unknown) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('array_remove', 1)

/** With an element at the end. */
export const arrayAppend: (value: List, element: unknown) => AnyResult = define('array_append', 1)

/** With an element at the start. */
export const arrayPrepend: (value: List, element: unknown) => AnyResult = define('array_prepend', 1)

/** With an element at a position. */
export const arrayInsert: (value: List, position: Whole, element: unknown) => AnyResult = define(
  'array_insert',
  1,
)

/** Each element once. */
export const arrayDistinct: Same<List> = define('array_distinct')

/** Without NULLs. */
export const arrayCompact: Same<List> = define('array_compact')

/** In order, NULLs last. */
export const arraySort: Same<List> = define('array_sort')

/** The largest element. */
export const arrayMax: (value: List) => AnyResult = define('array_max')

/** The smallest element. */
export const arrayMin: (value: List) => AnyResult = define('array_min')

/** Elements as one string. */
export const arrayJoin: (value: List, delimiter: string, nulls?: string) => StringResult = define(
  'array_join',
  1,
)

/** An array of one value several times. */
export const arrayRepeat: (value: Any, count: Whole) => AnyResult = define('array_repeat')

/** Elements of either array, each once. */
export const arrayUnion: <A extends List>(left: A, right: A) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('array_union')

/** Elements of both arrays, each once. */
export const arrayIntersect: <A extends List>(left: A, right: A) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('array_intersect')

/** Elements of the left array only, each once. */
export const arrayExcept: <A extends List>(left: A, right: A) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('array_except')

/** Whether arrays share an element. */
export const arraysOverlap: (left: List, right: List) => BooleanResult = define('arrays_overlap')

/** An array of structs of the elements at each index. */
export const arraysZip: (...values: readonly List[]) => AnyResult = define('arrays_zip')

/** An array of arrays as one array. */
export const flatten: (value: List) => AnyResult = define('flatten')

/** Values from start to stop. */
export const sequence: (start: Any, stop: Any, step?: Any) => AnyResult = define('sequence')

/** In random order. */
export const shuffle: Same<List> = define('shuffle')

/** Elements from a position from 1. */
export const slice: <A extends List>(
  value: A,
  start: Whole,
  length: Whole,
) => ColumnOf<OrDynamic<TypeOf<A>>> = define('slice')

/** In order, NULLs first when ascending. */
export const sortArray: <A extends List>(value: A, ascending?: boolean) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('sort_array')

/** A row for each element, or for each pair of a map. */
export const explode: (value: List | Mapping) => AnyResult = define('explode')

/** As explode; a row with NULL if there is no element. */
export const explodeOuter: (value: List | Mapping) => AnyResult = define('explode_outer')

/** As explode, with the position from 0. */
export const posexplode: (value: List | Mapping) => AnyResult = define('posexplode')

/** As posexplode; a row with NULLs if there is no element. */
export const posexplodeOuter: (value: List | Mapping) => AnyResult = define('posexplode_outer')

/** A row for each struct, a column for each field. */
export const inline: (value: List) => AnyResult = define('inline')

/** As inline; a row with NULLs if there is no struct. */
export const inlineOuter: (value: List) => AnyResult = define('inline_outer')

/** Values laid out in rows. */
export const stack: (rows: number, ...values: readonly Any[]) => AnyResult = define('stack')
