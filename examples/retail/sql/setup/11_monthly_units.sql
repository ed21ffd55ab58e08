-- Units of each product with a five-digit code that were sold, came back and were found or written off in each month.
CREATE TABLE monthly_units
USING PARQUET
AS SELECT
  StockCode,
  month,
  coalesce(
    sum(Quantity) FILTER (WHERE Quantity > 0 AND price > 0 AND NOT startswith(InvoiceNo, 'A')), 0
  ) AS sold,
  coalesce(-sum(Quantity) FILTER (WHERE startswith(InvoiceNo, 'C')), 0) AS returned,
  coalesce(sum(Quantity) FILTER (WHERE price = 0), 0) AS adjusted
FROM raw
WHERE StockCode RLIKE '^[0-9]{5}'
GROUP BY StockCode, month
