-- The five countries with the most items sold.
SELECT Country, sum(Quantity) AS quantity
FROM sales
GROUP BY Country
ORDER BY quantity DESC, Country
LIMIT 5
