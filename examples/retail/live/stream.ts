import { join } from 'node:path'
import { col, count, countIf, type DataFrame, Session, type StreamingQuery, sum } from 'millrace'
import { countRecords } from './count-records.ts'
import { screenRecord } from './screen-record.ts'

export interface LiveSettings {
  /** Folder of the log. */
  readonly from: string
  readonly out: string
  readonly master: string
  readonly memory: string
  /** Key of the anonymous users. */
  readonly secret: string
  /** Most records of a batch; null: all that are there. */
  readonly batchRows: number | null
  /** Drain, close all windows and stop. */
  readonly once: boolean
  readonly signal: AbortSignal
}

/** The type of ScreenedRecord. */
const SCREENED = `struct<reason: string, detail: string, ts: string, country: string, kind: string,
  cost: string, items: bigint, event: string>`

/** The figures of a window, as definitions 001_03 and 001_04 have them. */
const FIGURES = {
  OPM: count(),
  total_sale_volume: sum('cost'),
  returns: countIf(col('kind').eq('RETURN')),
  total_items: sum('items'),
}
const TIMES = [
  "date_format(w.start, 'yyyy-MM-dd HH:mm:ss') AS window_start",
  "date_format(w.end, 'yyyy-MM-dd HH:mm:ss') AS window_end",
]

/** Watermark: windows close a minute after the newest event. */
const DELAY = '60 seconds'
/** A key is known for an hour of event time. */
const HORIZON = '1 hour'

/**
 * The live half: queries over the log, each with a checkpoint of its own below OUT/checkpoints, so that all
 * of them go on after a restart. Resolves when the log is drained (`once`) or the signal fires.
 */
export async function runStreams(settings: LiveSettings): Promise<void> {
  const { master, memory, out, secret, once, signal } = settings
  const session = new Session({ master, memory, timeZone: 'UTC' })
  try {
    session.udf(
      'screen_record',
      (topic: string, value: Uint8Array | null) => screenRecord(topic, value, secret),
      {
        args: ['string', 'binary'],
        returns: SCREENED,
        with: { secret },
      },
    )
    const queries = await startQueries(session, settings)
    signal.addEventListener('abort', () => void Promise.all(queries.map((query) => query.stop())), {
      once: true,
    })
    await Promise.all(queries.map((query) => query.awaitTermination()))
    if (once && !signal.aborted) await countRecords(session, out)
  } finally {
    await session.stop()
  }
}

/** What each query writes where. */
async function startQueries(session: Session, settings: LiveSettings): Promise<StreamingQuery[]> {
  const { out, once } = settings
  const screened = screenedRecords(session, settings, null)
  // Of its own topic, so that its watermark waits for no other's, and none runs ahead of it.
  const sales = soundEvents(screenedRecords(session, settings, 'sales'))
  const start = (name: string, frame: DataFrame, format: 'parquet' | 'json', late?: string) => {
    const writer = frame.writeStream
      .format(format)
      .queryName(name)
      .option('checkpointLocation', join(out, 'checkpoints', name))
      .partitionBy(...(format === 'parquet' ? ['topic'] : []))
    const withLate = late === undefined ? writer : writer.option('latePath', join(out, late))
    const triggered = once ? withLate.trigger({ availableNow: true, closeWindows: true }) : withLate
    return triggered.start(join(out, name))
  }
  return [
    await start('raw', recordsOf(session, settings, null), 'parquet'),
    await start('dead_letter', deadLetters(screened), 'parquet'),
    await start('clean', cleanEvents(soundEvents(screened)), 'parquet'),
    await start('kpi_by_minute', byMinute(sales), 'json', 'late/topic=sales'),
    await start('kpi_by_minute_country', byMinuteAndCountry(sales), 'json'),
  ]
}

/** Records of a topic, or of all, as they were fetched. */
function recordsOf(session: Session, { from, batchRows }: LiveSettings, topic: string | null): DataFrame {
  const reader = session.readStream.format('log').option('path', from)
  const limited = batchRows === null ? reader : reader.option('maxRowsPerBatch', batchRows)
  return (topic === null ? limited : limited.option('topic', topic)).load()
}

/** With what each record is, or why it is none. */
function screenedRecords(session: Session, settings: LiveSettings, topic: string | null): DataFrame {
  return recordsOf(session, settings, topic)
    .selectExpr(
      'topic',
      'partition',
      'offset',
      "decode(key, 'utf-8') AS key",
      'value',
      'screen_record(topic, value) AS s',
    )
    .selectExpr('topic', 'partition', 'offset', 'key', 'value', 's.*')
}

/** Those that are sound, each key once. */
function soundEvents(screened: DataFrame): DataFrame {
  return screened
    .filter('reason IS NULL')
    .selectExpr(
      'topic',
      'partition',
      'offset',
      'key',
      "to_timestamp(ts, 'yyyy-MM-dd HH:mm:ss') AS ts",
      'country',
      'kind',
      'cost',
      'items',
      'event',
    )
    .withWatermark('ts', DELAY)
    .dropDuplicatesWithin(['topic', 'key'], HORIZON)
}

function deadLetters(screened: DataFrame): DataFrame {
  return screened
    .filter('reason IS NOT NULL')
    .selectExpr('partition', 'offset', 'key', 'reason', 'detail', 'value', 'topic')
}

/** Amounts as decimals: sums are exact. */
function cleanEvents(events: DataFrame): DataFrame {
  return events.selectExpr(
    'partition',
    'offset',
    'key',
    'ts',
    'kind',
    'country',
    'CAST(cost AS DECIMAL(18, 3)) AS sales_volume',
    'items',
    'event',
    'topic',
  )
}

function byMinute(sales: DataFrame): DataFrame {
  return sales
    .selectExpr(
      "window(ts, '1 minute') AS w",
      'kind',
      'CAST(cost AS DECIMAL(18, 3)) AS cost',
      'items',
      'ts',
      'key',
    )
    .groupBy('w')
    .agg(FIGURES)
    .selectExpr(
      ...TIMES,
      'OPM',
      'total_sale_volume',
      'round(CAST(total_sale_volume AS DOUBLE) / OPM, 6) AS average_transaction_size',
      'round(returns / OPM, 6) AS rate_of_return',
      'total_items',
    )
}

function byMinuteAndCountry(sales: DataFrame): DataFrame {
  return sales
    .selectExpr(
      "window(ts, '1 minute') AS w",
      'country',
      'kind',
      'CAST(cost AS DECIMAL(18, 3)) AS cost',
      'items',
    )
    .groupBy('w', 'country')
    .agg(FIGURES)
    .selectExpr(...TIMES, 'country', 'OPM', 'total_sale_volume', 'round(returns / OPM, 6) AS rate_of_return')
}
