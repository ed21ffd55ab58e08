import { EngineError } from '../../errors.ts'
import { listType, types, type Value } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { valueKey, valueOrder } from '../scalar/compare-values.ts'
import { any, signature, stringOrBinary } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

/** All values that are not NULL, in the order of rows; an empty list if there are none. */
export const collectList: AggregateFunction = collector('collect_list', ['array_agg'], 'all values', false)

/** The distinct values that are not NULL, in the order they came; an empty list if there are none. */
export const collectSet: AggregateFunction = collector('collect_set', [], 'the distinct values', true)

function collector(
  name: string,
  aliases: readonly string[],
  what: string,
  isDistinct: boolean,
): AggregateFunction {
  const resolve = signature(name, [any], ([type]) => listType(type!))
  return {
    name,
    aliases,
    usage: `${name}(expr) - a list of ${what}, NULLs left out`,
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: [returns] }
    },
    accumulator: (context) => context.collect(context.signature.args[0]!, isDistinct),
  }
}

interface Texts {
  readonly parts: (string | Uint8Array)[]
  delimiter: string | Uint8Array | null
}

const resolveListagg = signature('listagg', [stringOrBinary, stringOrBinary], ([type]) => type!, { min: 1 })

/**
 * Values that are not NULL, one after the other with a delimiter between them (nothing by default); NULL if
 * there are none.
 */
export const listagg: AggregateFunction = {
  name: 'listagg',
  aliases: ['string_agg'],
  usage: 'listagg(expr[, delimiter]) - the values joined, with the delimiter between them',
  resolve(args, literals) {
    const { args: cast, returns } = resolveListagg(args, literals)
    return { args: cast, returns, state: [listType(returns), returns] }
  },
  accumulator: (context) =>
    valueAccumulator<Texts>(context, {
      keepsAll: true,
      create: () => ({ parts: [], delimiter: null }),
      add(texts, [part, delimiter]) {
        if (part !== null) texts.parts.push(part as string)
        texts.delimiter = (delimiter ?? null) as string | null
        return texts
      },
      save: ({ parts, delimiter }) => [parts, delimiter],
      merge(texts, [parts, delimiter]) {
        texts.parts.push(...(parts as readonly string[]))
        texts.delimiter ??= delimiter as string | null
        return texts
      },
      result: ({ parts, delimiter }) => (parts.length === 0 ? null : joinParts(parts, delimiter)),
    }),
}

function joinParts(parts: readonly (string | Uint8Array)[], delimiter: string | Uint8Array | null): Value {
  if (typeof parts[0] === 'string') return parts.join((delimiter as string | null) ?? '')
  const between = delimiter === null ? [] : [delimiter as Uint8Array]
  return Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [part as Uint8Array] : [...between, part as Uint8Array])),
  )
}

const resolveMode = signature('mode', [any, any], ([type]) => type!, { min: 1 })

/** The most frequent value that is not NULL; the least of several. NULL if there are none. */
export const mode: AggregateFunction = {
  name: 'mode',
  usage: 'mode(expr) - the most frequent value',
  resolve(args, literals) {
    if (args.length === 2 && args[1]!.kind !== 'boolean')
      throw new EngineError('DATATYPE_MISMATCH', 'the second argument of "mode" must be a boolean')
    const { args: cast, returns } = resolveMode(args, literals)
    return { args: cast, returns, state: [listType(returns), listType(types.int64)] }
  },
  accumulator(context) {
    const order = valueOrder(context.signature.returns)
    type Counts = Map<unknown, { readonly value: Value; count: bigint }>
    const add = (counts: Counts, value: Value, count: bigint): Counts => {
      if (value === null) return counts
      const key = valueKey(value)
      const entry = counts.get(key)
      if (entry === undefined) counts.set(key, { value, count })
      else entry.count += count
      return counts
    }
    return valueAccumulator<Counts>(context, {
      keepsAll: true,
      create: () => new Map(),
      add: (counts, [value]) => add(counts, value!, 1n),
      save: (counts) => [
        [...counts.values()].map(({ value }) => value),
        [...counts.values()].map(({ count }) => count),
      ],
      merge(counts, [values, numbers]) {
        for (const [index, value] of (values as readonly Value[]).entries())
          add(counts, value, (numbers as readonly bigint[])[index]!)
        return counts
      },
      result(counts) {
        let best: { readonly value: Value; readonly count: bigint } | null = null
        for (const entry of counts.values())
          if (
            best === null ||
            entry.count > best.count ||
            (entry.count === best.count && order(entry.value, best.value) < 0)
          )
            best = entry
        return best?.value ?? null
      },
    })
  },
}
