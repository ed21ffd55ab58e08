-- Units sold over average inventory, for products with a five-digit code and at least 100 units sold.
-- Stock starts each month at 1.5 times the best month; a month's inventory is the mean of its start and end.
WITH products AS (
  SELECT
    StockCode,
    CAST(ceil(1.5 * max(sold)) AS BIGINT) AS restock_level,
    sum(sold) AS units_sold,
    sum(returned) AS units_returned,
    sum(adjusted) AS units_adjusted
  FROM monthly_units
  GROUP BY StockCode
  HAVING sum(sold) >= 100
),
months AS (
  SELECT DISTINCT month FROM monthly_units
),
inventory AS (
  SELECT
    p.*,
    p.restock_level + greatest(
      p.restock_level - coalesce(m.sold, 0) + coalesce(m.returned, 0) + coalesce(m.adjusted, 0), 0
    ) AS start_and_end
  FROM products AS p
  CROSS JOIN months
  LEFT JOIN monthly_units AS m ON m.StockCode = p.StockCode AND m.month = months.month
)
SELECT
  StockCode,
  restock_level,
  units_sold,
  units_returned,
  units_adjusted,
  round(avg(start_and_end / 2), 6) AS avg_inventory,
  round(units_sold / avg(start_and_end / 2), 6) AS turnover
FROM inventory
GROUP BY StockCode, restock_level, units_sold, units_returned, units_adjusted
ORDER BY turnover DESC, StockCode
