-- Customers, lines and sums of each product category.
SELECT
  category,
  count(DISTINCT CustomerID) AS customers,
  count(*) AS n_lines,
  sum(Quantity) AS quantity,
  sum(amount) AS amount
FROM lines
GROUP BY category
ORDER BY customers DESC, category
