import { type RecordBatch, takeBatch, type Vector, valueReader, vectorBuilder } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Region } from '../memory/index.ts'
import type { GenerateExec } from '../plan/index.ts'
import type { Value } from '../types/index.ts'
import type { Operator, TaskContext } from './operator.ts'

/** The rows a generator makes of one input row. */
type Generate = (args: readonly Value[]) => readonly (readonly Value[])[]

/** Input columns, then the generated ones, one row an element. */
export const generate: Operator<GenerateExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    try {
      for await (const batch of input!) {
        region.reset()
        yield generateBatch(node, batch, region, context)
      }
    } finally {
      region.free()
    }
  },
}

function generateBatch(
  node: GenerateExec,
  batch: RecordBatch,
  region: Region,
  context: TaskContext,
): RecordBatch {
  const args = node.args.map((arg) => evaluate(arg, batch, context.evalContext(region)))
  const readers = args.map(valueReader)
  const rowsOf = generatorOf(node)
  const builders = node.fields.map((field) => vectorBuilder(field.type, region, batch.rowCount))
  const sources: number[] = []
  for (let row = 0; row < batch.rowCount; row++) {
    const made = rowsOf(readers.map((read) => read(row)))
    const rows = made.length === 0 && node.outer ? [node.fields.map(() => null)] : made
    for (const values of rows) {
      sources.push(row)
      builders.forEach((builder, index) => {
        builder.append(values[index] ?? null)
      })
    }
  }
  const indices = region.int32(sources.length)
  indices.set(sources)
  const kept = takeBatch(batch, indices, sources.length, region)
  const generated: Vector[] = builders.map((builder) => builder.finish())
  return { rowCount: sources.length, columns: [...kept.columns, ...generated] }
}

function generatorOf(node: GenerateExec): Generate {
  const isMap = node.args[0]?.type.kind === 'map'
  switch (node.generator) {
    case 'explode':
      return ([list]) =>
        elementsOf(list).map((element) => (isMap ? (element as readonly Value[]) : [element]))
    case 'posexplode':
      return ([list]) =>
        elementsOf(list).map((element, position) => [
          position,
          ...(isMap ? (element as readonly Value[]) : [element]),
        ])
    case 'inline':
      return ([list]) =>
        elementsOf(list).map((element) => (element as readonly Value[] | null) ?? node.fields.map(() => null))
    case 'stack':
      return ([count, ...values]) => stackRows(Number(count), values, node.fields.length)
    case 'json_tuple':
      return ([text, ...names]) => [jsonMembers(text as string | null, names as readonly string[])]
  }
}

function elementsOf(list: Value | undefined): readonly Value[] {
  return (list as readonly Value[] | null) ?? []
}

function stackRows(count: number, values: readonly Value[], width: number): readonly (readonly Value[])[] {
  if (count < 1) throw new EngineError('INVALID_ARGUMENT', `stack needs at least one row, not ${count}`)
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width))
}

function jsonMembers(text: string | null, names: readonly string[]): readonly Value[] {
  if (text === null) return names.map(() => null)
  try {
    const members = JSON.parse(text) as Readonly<Record<string, unknown>>
    return names.map((name) => {
      const member = members[name]
      if (member === undefined || member === null) return null
      return typeof member === 'string' ? member : JSON.stringify(member)
    })
  } catch {
    return names.map(() => null) // Spark gives NULLs for text that is not JSON.
  }
}
