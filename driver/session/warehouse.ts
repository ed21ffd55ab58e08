import { fileSystemOf } from '../../connectors/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { StoredObject, TableStore } from '../../sql/catalog/index.ts'
import type { TableRef } from '../../sql/plan/index.ts'

/** What the warehouse keeps of a table: all but its statistics, which the files themselves tell. */
type StoredFile =
  | (Omit<StoredObject & { readonly kind: 'table' }, 'table'> & {
      readonly table: Omit<TableRef, 'statistics'>
    })
  | (StoredObject & { readonly kind: 'view' })

/** Asks a connector how a table looks now. */
export type DescribeTable = (table: Omit<TableRef, 'statistics'>) => Promise<TableRef>

/**
 * Tables and views in a folder: `WAREHOUSE/SCHEMA/NAME.json` says what a name is, `WAREHOUSE/SCHEMA/NAME/`
 * holds the data of a managed table.
 */
export class Warehouse implements TableStore {
  readonly folder: string
  readonly #describe: DescribeTable

  constructor(folder: string, describe: DescribeTable) {
    this.folder = folder
    this.#describe = describe
  }

  /** Where the data of a managed table lie. */
  locationOf([schema, table]: readonly [schema: string, table: string]): string {
    return `${this.folder}/${schema}/${table}`
  }

  async load(name: readonly [schema: string, table: string]): Promise<StoredObject | undefined> {
    const path = this.#fileOf(name)
    const fileSystem = fileSystemOf(path)
    if ((await fileSystem.stat(path)) === null) return undefined
    const pieces: Uint8Array[] = []
    for await (const piece of fileSystem.stream(path, 0, 1 << 16)) pieces.push(piece)
    const stored = parse(path, Buffer.concat(pieces).toString('utf8'))
    return stored.kind === 'view' ? stored : { ...stored, table: await this.#describe(stored.table) }
  }

  async save(name: readonly [schema: string, table: string], object: StoredObject): Promise<void> {
    const path = this.#fileOf(name)
    const temporary = `${path}.${process.pid}.tmp`
    const writer = await fileSystemOf(path).create(temporary)
    await writer.write(Buffer.from(`${JSON.stringify(withoutStatistics(object), null, 2)}\n`))
    await writer.close()
    await fileSystemOf(path).rename(temporary, path)
  }

  async drop(name: readonly [schema: string, table: string]): Promise<void> {
    await fileSystemOf(this.folder).remove(this.#fileOf(name))
  }

  async list(schema: string): Promise<readonly string[]> {
    const folder = `${this.folder}/${schema}`
    const fileSystem = fileSystemOf(folder)
    if ((await fileSystem.stat(folder)) === null) return []
    const files = (await fileSystem.list(folder)).map(({ path }) => path.split('/').at(-1)!)
    return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
  }

  #fileOf([schema, table]: readonly [schema: string, table: string]): string {
    for (const part of [schema, table])
      if (!/^[\w$ -]+$/u.test(part))
        throw new EngineError(
          'INVALID_ARGUMENT',
          `"${part}" cannot be the name of a stored table or schema`,
          {
            hint: 'Use letters, digits and underscores.',
          },
        )
    return `${this.folder}/${schema}/${table}.json`
  }
}

function withoutStatistics(object: StoredObject): StoredFile {
  if (object.kind === 'view') return object
  const { name, source, options, schema, partitionColumns, bucketing } = object.table
  return { ...object, table: { name, source, options, schema, partitionColumns, bucketing } }
}

function parse(path: string, text: string): StoredFile {
  try {
    const stored = JSON.parse(text) as StoredFile & { readonly table?: { readonly schema?: Schema } }
    if (stored.kind === 'view' || Array.isArray(stored.table?.schema?.fields)) return stored
  } catch (cause) {
    throw new EngineError('CORRUPT_FILE', `table description "${path}" is not JSON`, {
      cause,
      position: { file: path },
    })
  }
  throw new EngineError('CORRUPT_FILE', `"${path}" does not describe a table or view`, {
    position: { file: path },
  })
}
