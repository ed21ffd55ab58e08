-- Recency (days before 2011-12-10), frequency and money of each customer.
SELECT
  CustomerID,
  datediff(DATE '2011-12-10', max(CAST(InvoiceDate AS DATE))) AS recency_days,
  count(DISTINCT InvoiceNo) AS frequency,
  sum(amount) AS monetary
FROM sales
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID
ORDER BY CustomerID
