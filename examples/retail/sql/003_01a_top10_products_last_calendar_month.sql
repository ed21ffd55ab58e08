-- The ten products sold most in November 2011, the last full month.
SELECT StockCode, sum(Quantity) AS quantity, sum(amount) AS amount
FROM sales
WHERE InvoiceDate >= TIMESTAMP_NTZ '2011-11-01 00:00:00' AND InvoiceDate < TIMESTAMP_NTZ '2011-12-01 00:00:00'
GROUP BY StockCode
ORDER BY quantity DESC, StockCode
LIMIT 10
