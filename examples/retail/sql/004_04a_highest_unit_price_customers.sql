-- The ten customers who paid the highest unit price.
SELECT CustomerID, max(price) AS max_price
FROM raw
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID
ORDER BY max_price DESC, CustomerID
LIMIT 10
