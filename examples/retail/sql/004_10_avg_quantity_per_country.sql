-- The average quantity of a line in each country.
SELECT Country, round(avg(Quantity), 6) AS avg_quantity, count(*) AS n_lines
FROM raw
GROUP BY Country
ORDER BY avg_quantity DESC, Country
