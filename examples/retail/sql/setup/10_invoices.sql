-- One event for each invoice and country, at the time of its earliest line. Returns have a negative cost and
-- positive items; adjustments and lines without a price are not part of it.
CREATE TABLE invoices
USING PARQUET
AS SELECT
  InvoiceNo AS invoice_no,
  Country AS country,
  min(InvoiceDate) AS `timestamp`,
  CASE WHEN startswith(InvoiceNo, 'C') THEN 'RETURN' ELSE 'ORDER' END AS type,
  count(*) AS line_count,
  sum(abs(Quantity)) AS total_items,
  sum(CASE WHEN startswith(InvoiceNo, 'C') THEN -abs(amount) ELSE abs(amount) END) AS total_cost,
  max(CustomerID) AS customer_id
FROM (SELECT * FROM sales UNION ALL SELECT * FROM returns)
GROUP BY InvoiceNo, Country
