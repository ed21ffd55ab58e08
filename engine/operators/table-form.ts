import type { RowLookup } from '../evaluate/index.ts'
import type { JoinTable } from './join-table.ts'

/** How compiled code finds rows in a table, and where it lies. null: as if of the commonest form. */
export function tableForm(table: JoinTable | null): Pick<RowLookup, 'form' | 'table'> {
  const none = { ranges: 0, heads: 0, slotCount: 0, codes: 0 }
  if (table === null || table.form.kind !== 'packed' || table.lookup.kind === 'none')
    return { form: 'direct', table: none }
  const { form, lookup } = table
  const ranges = form.specs.byteOffset
  switch (lookup.kind) {
    case 'direct':
      return { form: 'direct', table: { ...none, ranges, heads: lookup.heads.byteOffset } }
    case 'bits':
      return { form: 'bits', table: { ...none, ranges, heads: lookup.bits.byteOffset } }
    case 'hash32':
    case 'hash64': {
      const { slots } = lookup
      const codes = lookup.kind === 'hash64' ? lookup.codes.byteOffset : 0
      const slotCount = slots.length / 2
      return { form: lookup.kind, table: { ranges, heads: slots.byteOffset, slotCount, codes } }
    }
  }
}

/** Whether compiled code can find rows in a table: its keys are integers. */
export function hasTableForm({ form, lookup }: JoinTable): boolean {
  return form.kind === 'packed' && lookup.kind !== 'none'
}
