-- The prices each customer paid: lowest, highest, average.
SELECT
  CustomerID,
  count(*) AS n_lines,
  min(price) AS min_price,
  max(price) AS max_price,
  round(avg(UnitPrice), 6) AS avg_price
FROM raw
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID
ORDER BY CustomerID
