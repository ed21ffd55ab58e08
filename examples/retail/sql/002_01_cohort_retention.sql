-- Customers by the month of their first purchase, still buying so many months later.
WITH active AS (
  SELECT DISTINCT CustomerID, month
  FROM sales
  WHERE CustomerID IS NOT NULL
),
cohorts AS (
  SELECT CustomerID, month, min(month) OVER (PARTITION BY CustomerID) AS cohort
  FROM active
)
SELECT
  cohort,
  12 * (CAST(substr(month, 1, 4) AS INT) - CAST(substr(cohort, 1, 4) AS INT))
    + CAST(substr(month, 6, 2) AS INT) - CAST(substr(cohort, 6, 2) AS INT) AS month_offset,
  count(*) AS customers
FROM cohorts
GROUP BY cohort, month_offset
ORDER BY cohort, month_offset
