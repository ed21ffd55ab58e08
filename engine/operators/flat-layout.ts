import { exprKey, type FlatState, formOf, type PlacedState } from '../evaluate/index.ts'
import type { AggregateCall, Expr } from '../expr/index.ts'
import { type AggregateSignature, lookupAggregate } from '../functions/index.ts'
import type { HashAggregateExec } from '../plan/index.ts'
import { type DataType, isInteger, isNumeric, MAX_INT64_PRECISION } from '../types/index.ts'

/** A number of rows: one word, less another if there is one. */
export interface FlatCount {
  readonly plus: number
  readonly minus: number | null
}

/** How the result and the partial state of a call are read from the words of a group. */
export interface FlatResult {
  readonly kind: 'count' | 'sum' | 'shortSum' | 'floatSum' | 'mean' | 'floatMean' | 'extreme'
  readonly signature: AggregateSignature
  readonly word: number
  readonly words: 1 | 2 | 3
  /** Values that are not NULL; a group without any has NULL. */
  readonly count: FlatCount
  readonly overflow: 'fail' | 'null'
}

/** The words of a group, and which call uses which: equal states are kept once. */
export class FlatLayout {
  readonly #states: PlacedState[] = []
  readonly #words = new Map<string, number>()
  #next = 0

  get states(): readonly PlacedState[] {
    return this.#states
  }

  get wordsPerGroup(): number {
    return this.#next
  }

  /**
   * Places the states of a call; null if it has no flat form. In mode `final` its partial states are columns
   * from `firstState` on.
   */
  place(call: AggregateCall, mode: HashAggregateExec['mode'], firstState: number): FlatResult | null {
    const form = flatFormOf(call)
    if (form === null) return null
    if (mode === 'final') return this.#placeFinal(form, firstState)
    const [arg] = call.args
    const { kind, state, signature, overflow } = isShortSum(form, arg) ? { ...form, ...SHORT_SUM } : form
    const { filter } = call
    const count = this.#countOf(arg ?? null, filter)
    if (kind === 'count') return { kind, signature, word: 0, words: 1, count, overflow }
    const words = wordsOf(kind, arg!.type)
    const word = this.#add(stateOf(state, arg!, filter, words))
    return { kind, signature, words, word, count, overflow }
  }

  #placeFinal(form: FlatForm, firstState: number): FlatResult {
    const { kind, signature, overflow } = form
    const args = signature.state.map((type, index): Expr => {
      return { kind: 'column', index: firstState + index, name: '', type }
    })
    const total = (arg: Expr): FlatCount => {
      return { plus: this.#add({ kind: 'total', arg, filter: null, words: 1 }), minus: null }
    }
    const [first, second] = args
    if (kind === 'count') return { kind, signature, word: 0, words: 1, count: total(first!), overflow }
    const count = second === undefined ? this.#countOf(first!, null) : total(second)
    const words = wordsOf(kind, first!.type)
    return {
      kind,
      signature,
      words,
      word: this.#add(stateOf(form.state, first!, null, words)),
      count,
      overflow,
    }
  }

  #countOf(arg: Expr | null, filter: Expr | null): FlatCount {
    const plus = this.#add({ kind: 'rows', arg: null, filter, words: 1 })
    if (arg === null || arg.kind === 'literal') {
      const isNull = arg?.kind === 'literal' && arg.value === null
      return { plus, minus: isNull ? plus : null }
    }
    return { plus, minus: this.#add({ kind: 'nulls', arg, filter, words: 1 }) }
  }

  #add(state: FlatState): number {
    const key = [state.kind, ...[state.arg, state.filter].map((expr) => expr && exprKey(expr))].join(' ')
    const known = this.#words.get(key)
    if (known !== undefined) return known
    const word = this.#next
    this.#next += state.words
    this.#states.push({ ...state, word })
    this.#words.set(key, word)
    return word
  }
}

interface FlatForm {
  readonly kind: FlatResult['kind']
  readonly state: FlatState['kind']
  readonly signature: AggregateSignature
  readonly overflow: 'fail' | 'null'
}

const NAMES = new Set(['count', 'sum', 'try_sum', 'avg', 'mean', 'try_avg', 'min', 'max'])

function flatFormOf(call: AggregateCall): FlatForm | null {
  const { name, args, distinct } = call
  const [arg] = args
  if (!NAMES.has(name) || args.length > 1 || call.order.length > 0) return null
  const isExtreme = name === 'min' || name === 'max'
  if (distinct && !isExtreme) return null
  const signature = lookupAggregate(name)!.resolve(
    args.map(({ type }) => type),
    args.map((each) => (each.kind === 'literal' ? each.value : undefined)),
  )
  const form = { signature, overflow: name === 'try_sum' ? ('null' as const) : ('fail' as const) }
  if (name === 'count') return { ...form, kind: 'count', state: 'rows' }
  const { type } = arg!
  if (isExtreme)
    return isFlatValue(type)
      ? { ...form, kind: 'extreme', state: name === 'min' ? 'least' : 'greatest' }
      : null
  if (!isNumeric(type)) return null
  const isExact = isInteger(type) || type.kind === 'decimal'
  if (name === 'sum' || name === 'try_sum')
    return isExact ? { ...form, kind: 'sum', state: 'sum' } : { ...form, kind: 'floatSum', state: 'float' }
  return type.kind === 'decimal'
    ? { ...form, kind: 'mean', state: 'sum' }
    : { ...form, kind: 'floatMean', state: 'float' }
}

/** Sums of integers up to 32 bits: within 64 bits for as many rows as there can be. */
const SHORT_SUM = { kind: 'shortSum', state: 'total' } as const

function isShortSum({ kind }: FlatForm, arg: Expr | undefined): boolean {
  const type = arg?.type.kind
  return kind === 'sum' && (type === 'int8' || type === 'int16' || type === 'int32')
}

/** Whether a value is one word. */
function isFlatValue(type: DataType): boolean {
  const form = formOf(type)
  if (form === null || form === 'bool') return false
  return type.kind !== 'decimal' || type.precision <= MAX_INT64_PRECISION
}

function stateOf(kind: FlatState['kind'], arg: Expr, filter: Expr | null, words: 1 | 2 | 3): FlatState {
  return { kind, arg, filter, words }
}

/** Sums of up to 64 bits cannot leave 128; wider ones may, on their way to a sum that does not. */
function wordsOf(kind: FlatResult['kind'], type: DataType): 1 | 2 | 3 {
  if (kind !== 'sum' && kind !== 'mean') return 1
  return type.kind === 'decimal' && type.precision > MAX_INT64_PRECISION ? 3 : 2
}
