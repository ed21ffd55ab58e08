-- Orders a minute (OPM), sales volume and return rate of each minute with an invoice.
SELECT
  date_trunc('MINUTE', `timestamp`) AS window_start,
  date_trunc('MINUTE', `timestamp`) + INTERVAL '1' MINUTE AS window_end,
  count(*) AS OPM,
  sum(total_cost) AS total_sale_volume,
  round(CAST(sum(total_cost) AS DOUBLE) / count(*), 6) AS average_transaction_size,
  round(count(*) FILTER (WHERE type = 'RETURN') / count(*), 6) AS rate_of_return,
  sum(total_items) AS total_items
FROM invoices
GROUP BY date_trunc('MINUTE', `timestamp`)
ORDER BY window_start
