import { lookupScalar } from '../functions/index.ts'
import type { Distribution, TableOutput } from './distribution.ts'
import type { PhysicalPlan } from './physical-plan.ts'

/**
 * A text that is equal for two plans when and only when they give the same rows in the same partitions. Names
 * of nodes and columns do not count, since plans refer to columns by index. null for plans that run code of
 * the user or volatile functions, and for tables that a join marks.
 */
export function planKey(plan: PhysicalPlan, output: Distribution | TableOutput): string | null {
  let isStable = true
  const key = JSON.stringify([plan, output], (property, value: unknown) => {
    // A plan of the user's code may hold values of any size, so nothing more of it is looked at.
    if (!isStable || property === 'id' || property === 'notes') return undefined
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Map) return [...value]
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value) && isLarge(value)) return placeOf(value)
    if ('kind' in value) {
      if (value.kind === 'UserCodeExec' || value.kind === 'user') {
        isStable = false
        return undefined
      }
      if (value.kind === 'JoinBuildExec' && 'markingTasks' in value && value.markingTasks !== 0)
        isStable = false
      if (value.kind === 'call' && 'name' in value && isVolatile(String(value.name))) isStable = false
      if (value.kind === 'column' && 'name' in value) return { ...value, name: undefined }
    }
    if (property === 'schema' && isSchema(value)) return value.fields.map(({ type }) => type)
    return value
  })
  return isStable ? key : null
}

/** Rows in the arena, or as bytes for other processes. */
export function isLarge(view: ArrayBufferView): boolean {
  return view.buffer instanceof SharedArrayBuffer || view.byteLength > LARGE_BYTES
}

const LARGE_BYTES = 1024

/** Rows in a plan are known by where they lie: their values may be gigabytes. */
export function placeOf(view: ArrayBufferView): readonly number[] {
  const { buffer, byteOffset, byteLength } = view
  if (buffer instanceof SharedArrayBuffer) return [byteOffset, byteLength]
  let number = numbers.get(buffer)
  if (number === undefined) {
    number = ++lastNumber
    numbers.set(buffer, number)
  }
  return [number, byteOffset, byteLength]
}

const numbers = new WeakMap<object, number>()
let lastNumber = 0

function isVolatile(name: string): boolean {
  return lookupScalar(name)?.volatility === 'volatile'
}

function isSchema(value: object): value is { readonly fields: readonly { readonly type: unknown }[] } {
  return 'fields' in value && Array.isArray(value.fields)
}
