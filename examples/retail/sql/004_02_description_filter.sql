-- Lines whose description contains a keyword; a line may count for several.
SELECT
  k AS keyword,
  sum(n_lines) AS n_lines,
  count(DISTINCT StockCode) AS products,
  sum(quantity) AS quantity,
  sum(amount) AS amount
FROM articles
CROSS JOIN (VALUES ('HEART'), ('RETROSPOT'), ('CHRISTMAS'), ('T-LIGHT')) AS v(k)
WHERE contains(upper(Description), k)
GROUP BY k
ORDER BY keyword
