import { define } from '../define-function.ts'
import type { Any, AnyResult, StringResult, StringsResult, Text, Unary } from '../function-types.ts'
import type { Int } from '../row-types.ts'

/** The value at a path such as `$.a.b`, as text. */
export const getJsonObject: (json: Text, path: string) => StringResult = define('get_json_object', 1)

/** Members of a JSON object, a column each. */
export const jsonTuple: (json: Text, ...names: readonly string[]) => AnyResult = define('json_tuple', 1)

/** A struct, array or map of JSON text. */
export const fromJson: (json: Text, schema: string) => AnyResult = define('from_json', 1)

/** JSON text of a struct, array or map. */
export const toJson: Unary<Any, string> = define('to_json')

/** The SQL type of JSON text. */
export const schemaOfJson: (json: Text) => StringResult = define('schema_of_json', 0)

/** Elements of a JSON array. */
export const jsonArrayLength: Unary<Text, Int> = define('json_array_length')

/** Names of a JSON object. */
export const jsonObjectKeys: (json: Text) => StringsResult = define('json_object_keys')
