import { expect, test } from 'vitest'
import { types } from '../../../engine/types/index.ts'
import { Catalog, type CatalogEntry, type StoredObject, tableNotFound } from '../../../sql/catalog/index.ts'
import { table } from '../analyzer/fake-catalog.ts'

const entry: CatalogEntry = { kind: 'table', table: table('x', []) }
const stored: StoredObject = { kind: 'table', table: table('orders', []), location: '/data/orders' }

function catalog(): Catalog {
  return new Catalog({
    load: async ([schema, name]) => (schema === 'default' && name === 'orders' ? stored : undefined),
    save: async () => {},
    drop: async () => {},
    list: async (schema) => (schema === 'default' ? ['orders'] : []),
  })
}

test('resolveTable() ignores case, and temporary views hide tables', async () => {
  const names = catalog()
  expect(await names.resolveTable(['ORDERS'])).toMatchObject({ kind: 'table', table: { name: 'orders' } })
  expect(await names.resolveTable(['spark_catalog', 'default', 'orders'])).toBeDefined()
  names.setView('Orders', entry)
  expect(await names.resolveTable(['orders'])).toBe(entry)
  expect(await names.resolveTable(['default', 'orders'])).toMatchObject({ table: { name: 'orders' } })
})

test('resolveTable() looks into the current schema', async () => {
  const names = catalog()
  names.currentSchema = 'other'
  expect(await names.resolveTable(['orders'])).toBeUndefined()
})

test('setView() keeps an existing view unless told to replace it', () => {
  const names = catalog()
  names.setView('v', entry, { replace: false })
  expect(() => names.setView('V', entry, { replace: false })).toThrow('temporary view "V" already exists')
  names.setView('V', entry)
  expect(names.viewNames()).toEqual(['V'])
})

test('global views are found under global_temp only', () => {
  const names = catalog()
  names.setView('g', entry, { global: true })
  expect(names.view(['g'])).toBeUndefined()
  expect(names.view(['global_temp', 'G'])).toBe(entry)
})

test('dropView() tells whether there was one', () => {
  const names = catalog()
  names.setView('v', entry)
  expect(names.dropView(['V'])).toBe(true)
  expect(names.dropView(['v'])).toBe(false)
})

test('setFunction() replaces a function of the same name', () => {
  const names = catalog()
  const definition = { name: 'Twice', functionId: 'a', args: null, returns: types.int32 }
  names.setFunction(definition)
  names.setFunction({ ...definition, functionId: 'b' })
  expect(names.function('TWICE')).toMatchObject({ functionId: 'b' })
  expect(names.functionNames()).toEqual(['Twice'])
})

test('tableNames() lists views and tables, each once', async () => {
  const names = catalog()
  names.setView('a', entry)
  names.setView('orders', entry)
  expect(await names.tableNames()).toEqual(['a', 'orders'])
})

test('tableNotFound() names the nearest', () => {
  expect(tableNotFound(['ordrs'], ['orders', 'lines'])).toMatchObject({
    code: 'TABLE_OR_VIEW_NOT_FOUND',
    message: 'table or view "ordrs" does not exist',
    hint: 'Did you mean "orders"?',
  })
})

test('a catalog without store says so', async () => {
  const names = new Catalog()
  expect(await names.resolveTable(['t'])).toBeUndefined()
  expect(() => names.store).toThrow('has no warehouse')
})
