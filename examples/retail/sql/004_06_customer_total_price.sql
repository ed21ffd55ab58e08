-- What each customer spent, returns subtracted, and in how many invoices.
SELECT CustomerID, sum(amount) AS total_price, count(DISTINCT InvoiceNo) AS invoices
FROM raw
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID
ORDER BY total_price DESC, CustomerID
