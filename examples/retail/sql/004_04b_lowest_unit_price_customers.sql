-- The ten customers who paid the lowest unit price above zero.
SELECT CustomerID, min(price) AS min_price
FROM raw
WHERE CustomerID IS NOT NULL AND price > 0
GROUP BY CustomerID
ORDER BY min_price, CustomerID
LIMIT 10
