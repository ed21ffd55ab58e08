-- Orders, sales volume and return rate of each hour with an invoice.
SELECT
  date_trunc('HOUR', `timestamp`) AS window_start,
  count(*) AS orders,
  sum(total_cost) AS total_sale_volume,
  round(count(*) FILTER (WHERE type = 'RETURN') / count(*), 6) AS rate_of_return
FROM invoices
GROUP BY date_trunc('HOUR', `timestamp`)
ORDER BY window_start
