-- The ten products sold most in the 30 days up to the last line.
SELECT StockCode, sum(Quantity) AS quantity, sum(amount) AS amount
FROM sales
WHERE InvoiceDate > (SELECT max(InvoiceDate) FROM raw) - INTERVAL '30' DAY
GROUP BY StockCode
ORDER BY quantity DESC, StockCode
LIMIT 10
