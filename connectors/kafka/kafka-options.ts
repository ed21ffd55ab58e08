import { type SourceOptions, STREAM_FROM, STREAM_TO } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { JSON_OPTIONS, type JsonOptions, jsonOptions, OptionReader } from '../../engine/formats/index.ts'
import { EARLIEST, type KafkaAccess, LATEST } from './cluster.ts'

const OFFSETS_HINT =
  'Give earliest, latest, or JSON such as {"sales":{"0":12}} or {"sales/0":12}; -2 is earliest, -1 latest.'

/** Options of the source, with Spark's names. */
export const KAFKA_OPTIONS = {
  ...JSON_OPTIONS,
  'kafka.bootstrap.servers': { usage: 'brokers to begin with: host:port, separated by commas' },
  'kafka.request.timeout.ms': {
    usage: 'how long a request is tried, with its retries',
    default: '30000',
  },
  'kafka.isolation.level': {
    usage: 'read_committed: records of transactions count when they are committed; read_uncommitted: at once',
    default: 'read_committed',
  },
  'kafka.max.partition.fetch.bytes': { usage: 'most bytes of one answer', default: '8388608' },
  subscribe: { usage: 'topics, separated by commas' },
  subscribePattern: { usage: 'a regular expression that names of topics satisfy as a whole' },
  startingOffsets: {
    usage: 'earliest, latest, or JSON of offsets; of a stream only at its first start',
    default: 'earliest of a batch, latest of a stream',
  },
  endingOffsets: { usage: 'latest, or JSON of offsets; of a batch', default: 'latest' },
  maxOffsetsPerTrigger: { usage: 'most records of a batch of a stream' },
  maxRowsPerBatch: { usage: 'the same' },
  maxBytesPerBatch: { usage: 'accepted for the sake of other sources' },
  failOnDataLoss: { usage: 'false: pass over records that are gone', default: 'true' },
  valueFormat: {
    usage: 'json: values become the columns of the schema; raw: they stay bytes',
    default: 'raw',
  },
  deadLetterPath: { usage: 'folder for records that are no such JSON; without it they are an error' },
  [STREAM_FROM]: { usage: 'set by the engine' },
  [STREAM_TO]: { usage: 'set by the engine' },
} as const

/** Offsets by `TOPIC/PARTITION`. */
export type Offsets = Readonly<Record<string, number>>

/** Where to begin or end: the same for all partitions, or by partition. */
export type OffsetsWanted = typeof EARLIEST | typeof LATEST | Offsets

export interface KafkaOptions {
  readonly access: KafkaAccess
  /** Names, or what names are like. */
  readonly topics: readonly string[] | RegExp
  /** null: it is not said. */
  readonly starting: OffsetsWanted | null
  readonly ending: OffsetsWanted
  readonly maxOffsets: number | null
  readonly fetchBytes: number
  readonly failOnDataLoss: boolean
  readonly isJson: boolean
  readonly json: JsonOptions
  readonly deadLetterPath: string | undefined
  /** The range of a batch of a stream. */
  readonly from: Offsets | null
  readonly to: Offsets | null
}

/** Options as given, checked. */
export function kafkaOptions(options: SourceOptions): KafkaOptions {
  const given = new OptionReader(options, KAFKA_OPTIONS, 'kafka')
  const format = given.text('valueFormat') ?? 'raw'
  if (format !== 'json' && format !== 'raw')
    throw given.invalid('valueFormat', format, 'There are json and raw.')
  const [starting, ending] = [given.text('startingOffsets'), given.text('endingOffsets') ?? 'latest']
  const [from, to] = [given.text(STREAM_FROM), given.text(STREAM_TO)]
  const most = given.number('maxOffsetsPerTrigger', 0, 1)
  return {
    access: accessOf(given),
    topics: topicsOf(given),
    starting: starting === undefined ? null : offsetsOf(given, 'startingOffsets', starting),
    ending: offsetsOf(given, 'endingOffsets', ending),
    maxOffsets: most === 0 ? null : most,
    fetchBytes: Math.min(1 << 30, given.number('kafka.max.partition.fetch.bytes', 8 << 20, 1)),
    failOnDataLoss: given.flag('failOnDataLoss', true),
    isJson: format === 'json',
    json: jsonOptions(given),
    deadLetterPath: given.text('deadLetterPath'),
    from: from === undefined ? null : (JSON.parse(from) as Offsets),
    to: to === undefined ? null : (JSON.parse(to) as Offsets),
  }
}

function accessOf(given: OptionReader): KafkaAccess {
  const name = 'kafka.bootstrap.servers'
  const text = given.text(name)
  if (text === undefined)
    throw new EngineError('CONFIG_INVALID', `option "${name}" is missing for source "kafka"`, {
      hint: 'Give one or more brokers: host:port, separated by commas.',
    })
  const servers = listOf(text)
  if (servers.length === 0 || servers.some((server) => !/^\S+:\d{1,5}$/.test(server)))
    throw given.invalid(name, text, 'Give host:port, separated by commas.')
  const level = given.text('kafka.isolation.level') ?? 'read_committed'
  if (level !== 'read_committed' && level !== 'read_uncommitted')
    throw given.invalid('kafka.isolation.level', level, 'There are read_committed and read_uncommitted.')
  const timeoutMs = given.number('kafka.request.timeout.ms', 30_000, 1)
  return { servers, timeoutMs, isCommittedOnly: level === 'read_committed' }
}

function topicsOf(given: OptionReader): readonly string[] | RegExp {
  const [list, pattern] = [given.text('subscribe'), given.text('subscribePattern')]
  if ((list === undefined) === (pattern === undefined))
    throw new EngineError('CONFIG_INVALID', 'source "kafka" needs one of "subscribe" and "subscribePattern"')
  if (pattern === undefined) return listOf(list!)
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch (cause) {
    throw given.invalid('subscribePattern', pattern, 'Give a regular expression.', cause)
  }
}

function listOf(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim())
  return [...new Set(parts.filter((part) => part !== ''))]
}

/** Spark's JSON, by topic and partition, and ours, by `TOPIC/PARTITION`. */
function offsetsOf(given: OptionReader, name: string, text: string): OffsetsWanted {
  if (text === 'earliest') return EARLIEST
  if (text === 'latest') return LATEST
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw given.invalid(name, text, OFFSETS_HINT, cause)
  }
  if (typeof parsed !== 'object' || parsed === null) throw given.invalid(name, text, OFFSETS_HINT)
  const offsets: Record<string, number> = {}
  const put = (key: string, value: unknown): void => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < EARLIEST)
      throw given.invalid(name, text, OFFSETS_HINT)
    offsets[key] = value
  }
  for (const [key, value] of Object.entries(parsed))
    if (typeof value === 'object' && value !== null)
      for (const [partition, offset] of Object.entries(value)) put(`${key}/${partition}`, offset)
    else put(key, value)
  return offsets
}
