-- Totals over all invoices. Rates and averages are doubles, money stays decimal.
SELECT
  count(*) AS invoices,
  count(*) FILTER (WHERE type = 'ORDER') AS orders,
  count(*) FILTER (WHERE type = 'RETURN') AS n_returns,
  sum(total_cost) AS total_sales_volume,
  sum(total_items) AS total_items,
  sum(line_count) AS n_lines,
  round(count(*) FILTER (WHERE type = 'RETURN') / count(*), 9) AS rate_of_return,
  round(CAST(sum(total_cost) AS DOUBLE) / count(*), 6) AS average_transaction_size,
  count(DISTINCT date_trunc('MINUTE', `timestamp`)) AS one_minute_windows
FROM invoices
