-- Customers by the month of their first purchase, still buying so many months later.
WITH firsts AS (
  SELECT CustomerID, min(date_trunc('MONTH', InvoiceDate)) AS first_month
  FROM sales
  WHERE CustomerID IS NOT NULL
  GROUP BY CustomerID
),
active AS (
  SELECT DISTINCT
    s.CustomerID,
    f.first_month,
    12 * (year(s.InvoiceDate) - year(f.first_month))
      + month(s.InvoiceDate) - month(f.first_month) AS month_offset
  FROM sales AS s
  JOIN firsts AS f ON f.CustomerID = s.CustomerID
)
SELECT date_format(first_month, 'yyyy-MM') AS cohort, month_offset, count(*) AS customers
FROM active
GROUP BY date_format(first_month, 'yyyy-MM'), month_offset
ORDER BY cohort, month_offset
