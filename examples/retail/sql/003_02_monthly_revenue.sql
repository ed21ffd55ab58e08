-- Sales, returns, net revenue, orders and active customers of each month.
SELECT
  concat(month DIV 100, '-', lpad(month % 100, 2, '0')) AS month,
  sum(amount) FILTER (WHERE price > 0 AND NOT startswith(InvoiceNo, 'A') AND Quantity > 0) AS gross_sales,
  sum(amount) FILTER (WHERE startswith(InvoiceNo, 'C')) AS returns_amount,
  sum(amount) FILTER (WHERE NOT startswith(InvoiceNo, 'A')) AS net_revenue,
  sum(amount) AS raw_amount,
  count(DISTINCT InvoiceNo) FILTER (
    WHERE Quantity > 0 AND price > 0 AND NOT startswith(InvoiceNo, 'A')
  ) AS orders,
  count(DISTINCT CustomerID) FILTER (WHERE Quantity > 0 AND price > 0) AS active_customers
FROM raw
GROUP BY raw.month
ORDER BY month
