-- The five countries with the most items, returns subtracted.
SELECT Country, sum(Quantity) AS quantity
FROM raw
GROUP BY Country
ORDER BY quantity DESC, Country
LIMIT 5
