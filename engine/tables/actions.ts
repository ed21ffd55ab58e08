import { EngineError } from '../errors.ts'

/** A data file that belongs to the table from its commit on. */
export interface AddFile {
  /** Relative to the table's folder, encoded as in a URL. */
  readonly path: string
  /** Texts by partition column; null and '' are NULL. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modificationTime: number
  /** False where rows were only moved from files to others. */
  readonly dataChange: boolean
  /** JSON: `{"numRecords": 12}` and bounds of columns. */
  readonly stats?: string | undefined
}

/** A data file that no longer belongs to the table. */
export interface RemoveFile {
  readonly path: string
  readonly deletionTimestamp: number
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean
  readonly partitionValues?: Readonly<Record<string, string | null>>
  readonly size?: number
}

/** What a table is; the newest counts. */
export interface TableMetaData {
  readonly id: string
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> }
  /** The schema as Spark's JSON. */
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime?: number | undefined
}

/** Which readers and writers may touch the table. */
export interface TableProtocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures?: readonly string[] | undefined
  readonly writerFeatures?: readonly string[] | undefined
}

/** How far an application has come: a streaming query and its newest batch here. */
export interface TableTransaction {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number | undefined
}

/**
 * One entry of the log, as its JSON has it: an object of one member. Members that we do not know change
 * nothing that we read.
 */
export interface TableAction {
  readonly add?: AddFile
  readonly remove?: RemoveFile
  readonly metaData?: TableMetaData
  readonly protocol?: TableProtocol
  readonly txn?: TableTransaction
  readonly commitInfo?: Readonly<Record<string, unknown>>
}

/** The lines of a commit. */
export function formatActions(actions: readonly TableAction[]): string {
  return actions.map((action) => `${JSON.stringify(action)}\n`).join('')
}

/** The actions of a commit's lines; CORRUPT_FILE with the line that is none. */
export function parseActions(text: string, path: string): readonly TableAction[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const where = { file: path, line: index + 1 }
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      throw new EngineError('CORRUPT_FILE', `line ${index + 1} of "${path}" is no JSON`, {
        cause,
        position: where,
      })
    }
    return [checkAction(value, path, index + 1)]
  })
}

/** What a line of the log, or a row of a checkpoint, says; CORRUPT_FILE if that is not an action. */
export function checkAction(value: unknown, path: string, line: number): TableAction {
  const bad = (what: string): EngineError =>
    new EngineError('CORRUPT_FILE', `entry ${line} of "${path}": ${what}`, { position: { file: path, line } })
  if (!isRecord(value)) throw bad('no object')
  for (const [name, members] of Object.entries(MEMBERS)) {
    const action = value[name]
    if (action === undefined || action === null) continue
    if (!isRecord(action)) throw bad(`"${name}" is no object`)
    for (const [member, isRight] of Object.entries(members))
      if (!isRight(action[member])) throw bad(`"${member}" of "${name}" is missing or of a wrong type`)
  }
  // Every member that we read was looked at above.
  return value as TableAction
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isWhole: Check = (value) => Number.isSafeInteger(value)
const isOptionalText: Check = (value) => value === undefined || value === null || isText(value)
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isOptionalTexts: Check = (value) => value === undefined || value === null || isTexts(value)
const isTextMap: Check = (value) => isRecord(value) && Object.values(value).every(isOptionalText)

const MEMBERS: Readonly<Record<keyof TableAction, Readonly<Record<string, Check>>>> = {
  add: {
    path: isText,
    partitionValues: isTextMap,
    size: isWhole,
    modificationTime: isWhole,
    stats: isOptionalText,
  },
  remove: { path: isText },
  metaData: { id: isText, schemaString: isText, partitionColumns: isTexts, configuration: isTextMap },
  protocol: {
    minReaderVersion: isWhole,
    minWriterVersion: isWhole,
    readerFeatures: isOptionalTexts,
    writerFeatures: isOptionalTexts,
  },
  txn: { appId: isText, version: isWhole },
  commitInfo: {},
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
