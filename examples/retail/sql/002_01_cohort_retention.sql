-- Customers by the month of their first purchase, still buying so many months later.
WITH active AS (
  SELECT DISTINCT CustomerID, month
  FROM sales
  WHERE CustomerID IS NOT NULL
),
cohorts AS (
  SELECT CustomerID, month, min(month) OVER (PARTITION BY CustomerID) AS first_month
  FROM active
)
SELECT
  concat(first_month DIV 100, '-', lpad(first_month % 100, 2, '0')) AS cohort,
  12 * CAST(month DIV 100 - first_month DIV 100 AS INT) + month % 100 - first_month % 100 AS month_offset,
  count(*) AS customers
FROM cohorts
GROUP BY first_month, month
ORDER BY cohort, month_offset
