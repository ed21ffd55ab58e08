import type { Expr } from '../../engine/expr/index.ts'
import { types, type Value } from '../../engine/types/index.ts'
import { inputsOf, type LogicalPlan } from '../plan/index.ts'

/** Whether some rows of a plan come from a stream. */
export function readsStream(plan: LogicalPlan): boolean {
  return plan.kind === 'Scan' ? plan.table.isStream === true : inputsOf(plan).some(readsStream)
}

/** What a column says of event time: it is the time itself, or the window of it. */
export type EventTimeKind = 'time' | 'window'

/** Columns of a plan's output that carry the event time of a watermark below, by id. */
export function eventTimesOf(plan: LogicalPlan): ReadonlyMap<number, EventTimeKind> {
  const found = new Map<number, EventTimeKind>()
  const below = inputsOf(plan).map(eventTimesOf)
  switch (plan.kind) {
    case 'Project':
      for (const { column, expr } of plan.exprs) {
        const kind = eventTimeKind(expr, below[0]!)
        if (kind !== null) found.set(column.id, kind)
      }
      break
    case 'Aggregate':
      for (const { column, expr } of plan.keys) {
        const kind = eventTimeKind(expr, below[0]!)
        if (kind !== null) found.set(column.id, kind)
      }
      if (plan.deduplicates !== undefined)
        for (const { column, call } of plan.calls) {
          const kind = call.args[0] === undefined ? null : eventTimeKind(call.args[0], below[0]!)
          if (kind !== null) found.set(column.id, kind)
        }
      break
    default:
      for (const times of below) for (const [id, kind] of times) found.set(id, kind)
  }
  if (plan.kind === 'Watermark' && plan.eventTime.kind === 'column') found.set(plan.eventTime.index, 'time')
  return found
}

/** What an expression says of event time; null: nothing. */
export function eventTimeKind(expr: Expr, times: ReadonlyMap<number, EventTimeKind>): EventTimeKind | null {
  if (expr.kind === 'column') return times.get(expr.index) ?? null
  if (expr.kind !== 'call' || expr.name !== 'window') return null
  const [time] = expr.args
  return time?.kind === 'column' && times.get(time.index) === 'time' ? 'window' : null
}

/**
 * Whether the window, or the instant, that an expression gives is still open: it ends after the watermark.
 */
export function isOpen(expr: Expr, kind: EventTimeKind, watermarkMicros: bigint): Expr {
  const end = kind === 'time' ? expr : endOf(expr)
  const watermark: Expr = { kind: 'literal', value: watermarkMicros, type: end.type }
  return { kind: 'call', name: '>', args: [end, watermark], type: types.boolean }
}

function endOf(window: Expr): Expr {
  const type = window.type.kind === 'struct' ? window.type.fields[1]!.type : types.timestamp
  const place: Expr = { kind: 'literal', value: 1 as Value, type: types.int32 }
  return { kind: 'call', name: 'getfield', args: [window, place], type }
}
