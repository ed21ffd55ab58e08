-- Customers, invoices, lines and sums of each country.
SELECT
  Country,
  count(DISTINCT CustomerID) AS customers,
  count(DISTINCT InvoiceNo) AS invoices,
  count(*) AS n_lines,
  sum(Quantity) AS quantity,
  sum(amount) AS amount
FROM raw
GROUP BY Country
ORDER BY amount DESC, Country
