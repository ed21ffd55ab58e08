import { type DataType, isNested, listType, mapType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch, signature, string } from '../signature.ts'
import { jsonOptions, jsonReader } from './json-convert.ts'
import { jsonAtPath } from './json-path.ts'
import { schemaOfJson } from './json-schema.ts'
import { parseJson } from './json-tree.ts'
import { jsonWriter } from './json-write.ts'
import { parseTypeText } from './type-text.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const
const OPTIONS = mapType(types.string, types.string)

/** JSON texts: looked into, read and written. */
export const jsonFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'get_json_object',
    usage: "get_json_object(json, path) - what a path such as '$.a[0].b' finds; NULL if nothing",
    resolve: signature('get_json_object', [string, string], types.string),
    bind: () => jsonAtPath,
  },
  {
    ...plain,
    name: 'json_array_length',
    usage: 'json_array_length(json) - how many elements the array has; NULL if it is none',
    resolve: signature('json_array_length', [string], types.int32),
    bind: () => (text: string) => {
      const node = parseJson(text)
      return node?.kind === 'array' ? node.items.length : null
    },
  },
  {
    ...plain,
    name: 'json_object_keys',
    usage: 'json_object_keys(json) - the names of the members of the object; NULL if it is none',
    resolve: signature('json_object_keys', [string], listType(types.string)),
    bind: () => (text: string) => {
      const node = parseJson(text)
      return node?.kind === 'object' ? node.members.map(([name]) => name) : null
    },
  },
  {
    ...plain,
    name: 'schema_of_json',
    usage: 'schema_of_json(json) - the schema of the text, as from_json takes it',
    mayFail: true,
    resolve: signature('schema_of_json', [string], types.string),
    bind: () => schemaOfJson,
  },
  {
    ...plain,
    name: 'from_json',
    usage: "from_json(json, schema[, options]) - the text as a value of a schema such as 'a INT, b STRING'",
    mayFail: true,
    resolve: (args, literals) => {
      checkCount('from_json', args.length, 2, 3)
      const schema = literals[1]
      if (typeof schema !== 'string') throw mismatch('from_json', args, 'a constant schema')
      if (args[2] !== undefined && args[2].kind !== 'map')
        throw mismatch('from_json', args, 'options as a map')
      return {
        args: [types.string, types.string, ...(args[2] === undefined ? [] : [OPTIONS])],
        returns: parseTypeText(schema),
      }
    },
    bind: ({ returns, settings }) => {
      const readerOf = lastMade((options) => jsonReader(returns, jsonOptions(options), settings))
      return (text: string, _schema: string, options?: Value) => readerOf(options)(text)
    },
  },
  {
    ...plain,
    name: 'to_json',
    usage: 'to_json(struct, array or map[, options]) - the value as a JSON text',
    mayFail: true,
    resolve: (args) => {
      checkCount('to_json', args.length, 1, 2)
      if (!isNested(args[0]!)) throw mismatch('to_json', args, 'a struct, array or map')
      return { args: [args[0]!, ...args.slice(1).map((): DataType => OPTIONS)], returns: types.string }
    },
    bind: ({ argTypes, settings }) => {
      const writerOf = lastMade((options) => jsonWriter(argTypes[0]!, jsonOptions(options), settings))
      return (value: Value, options?: Value) => writerOf(options)(value)
    },
  },
]

/** Makes again only when the options are others than for the row before. */
function lastMade<T>(make: (options: Value | undefined) => T): (options: Value | undefined) => T {
  let last: { readonly options: Value | undefined; readonly made: T } | undefined
  return (options) => {
    if (last === undefined || last.options !== options) last = { options, made: make(options) }
    return last.made
  }
}
