-- Invoices, sales volume, return rate and average size of each country, largest first.
SELECT
  country,
  count(*) AS invoices,
  sum(total_cost) AS total_sale_volume,
  round(count(*) FILTER (WHERE type = 'RETURN') / count(*), 6) AS rate_of_return,
  round(CAST(sum(total_cost) AS DOUBLE) / count(*), 6) AS average_transaction_size
FROM invoices
GROUP BY country
ORDER BY total_sale_volume DESC, country
