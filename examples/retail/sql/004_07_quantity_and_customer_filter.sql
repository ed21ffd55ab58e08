-- Lines of known customers with a quantity of 100 or more.
SELECT
  count(*) AS n_lines,
  count(DISTINCT CustomerID) AS customers,
  sum(Quantity) AS quantity,
  sum(amount) AS amount
FROM raw
WHERE Quantity >= 100 AND CustomerID IS NOT NULL
