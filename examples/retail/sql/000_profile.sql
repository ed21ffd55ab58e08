-- What the data holds: counts of everything and of each kind of dirt.
SELECT
  count(*) AS n_rows,
  count(DISTINCT InvoiceNo) AS invoices,
  count(DISTINCT StockCode) AS stock_codes,
  count(DISTINCT Description) AS descriptions,
  count(DISTINCT CustomerID) AS customers,
  count(DISTINCT Country) AS countries,
  min(InvoiceDate) AS first_ts,
  max(InvoiceDate) AS last_ts,
  sum(Quantity) AS quantity,
  sum(amount) AS amount,
  count(*) FILTER (WHERE CustomerID IS NULL) AS no_customer,
  count(*) FILTER (WHERE Description IS NULL) AS no_description,
  count(*) FILTER (WHERE startswith(InvoiceNo, 'C')) AS cancel_lines,
  count(DISTINCT InvoiceNo) FILTER (WHERE startswith(InvoiceNo, 'C')) AS cancel_invoices,
  count(*) FILTER (WHERE startswith(InvoiceNo, 'A')) AS adjust_lines,
  count(*) FILTER (WHERE Quantity < 0) AS negative_qty,
  count(*) FILTER (WHERE Quantity < 0 AND NOT startswith(InvoiceNo, 'C')) AS negative_qty_not_cancel,
  count(*) FILTER (WHERE price = 0) AS zero_price,
  count(*) FILTER (WHERE price < 0) AS negative_price,
  count(*) - (
    SELECT count(*)
    FROM (
      SELECT DISTINCT InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
      FROM raw
    )
  ) AS exact_duplicate_rows,
  count(*) FILTER (WHERE Description <> trim(Description)) AS untrimmed_description,
  count(*) FILTER (WHERE contains(Description, '£')) AS non_ascii_description,
  count(*) FILTER (WHERE StockCode <> upper(StockCode)) AS lowercase_stockcode,
  count(*) FILTER (WHERE NOT StockCode RLIKE '^[0-9]{5}') AS non_product_code,
  (SELECT count(*) FROM sales) AS sales_lines,
  (SELECT count(*) FROM returns) AS return_lines,
  (SELECT count(*) FROM stock_adj) AS stock_adj_lines
FROM raw
