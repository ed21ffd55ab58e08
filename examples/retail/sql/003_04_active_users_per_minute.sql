-- Known customers with a line in each minute.
SELECT date_trunc('MINUTE', InvoiceDate) AS window_start, count(DISTINCT CustomerID) AS active_users
FROM raw
WHERE CustomerID IS NOT NULL
GROUP BY date_trunc('MINUTE', InvoiceDate)
ORDER BY window_start
