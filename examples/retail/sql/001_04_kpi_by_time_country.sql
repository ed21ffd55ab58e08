-- The same by minute and country.
SELECT
  date_trunc('MINUTE', `timestamp`) AS window_start,
  country,
  count(*) AS OPM,
  sum(total_cost) AS total_sale_volume,
  round(count(*) FILTER (WHERE type = 'RETURN') / count(*), 6) AS rate_of_return
FROM invoices
GROUP BY date_trunc('MINUTE', `timestamp`), country
ORDER BY window_start, country
