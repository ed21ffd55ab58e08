import type { Session } from 'millrace'

/** A few figures of the whole data, as text. */
export interface KeyFigures {
  readonly lines: number
  readonly cleanLines: number
  readonly users: number
  readonly products: number
  readonly orders: number
  readonly returns: number
  readonly salesVolume: string
  readonly topCountry: string | null
  readonly firstDay: string
  readonly lastDay: string
}

/** Reads the figures from the tables that the job made. */
export async function keyFigures(session: Session): Promise<KeyFigures> {
  const [row] = await session.execute(`
    SELECT
      (SELECT count(*) FROM transactions) AS lines,
      (SELECT count(*) FROM clean_lines) AS cleanLines,
      (SELECT count(DISTINCT user_id) FROM orders) AS users,
      (SELECT count(*) FROM inventory) AS products,
      count(*) FILTER (WHERE type = 'ORDER') AS orders,
      count(*) FILTER (WHERE type = 'RETURN') AS returns,
      coalesce(CAST(sum(total_cost) AS STRING), '0') AS salesVolume,
      (
        SELECT max_by(country, volume)
        FROM (SELECT country, sum(total_cost) AS volume FROM invoices GROUP BY country)
      ) AS topCountry,
      coalesce(CAST(CAST(min(timestamp) AS DATE) AS STRING), '-') AS firstDay,
      coalesce(CAST(CAST(max(timestamp) AS DATE) AS STRING), '-') AS lastDay
    FROM invoices`)
  return row as unknown as KeyFigures // The names and types of the query above.
}
