-- Every transaction line with its money as exact decimals and its month (201112), computed once: amount = price * quantity.
-- A folder for each year; within it, the lines of one customer lie together, in the order of the input.
CREATE TABLE transactions
USING PARQUET
PARTITIONED BY (year)
CLUSTERED BY (CustomerID) INTO 4 BUCKETS
AS SELECT
  *,
  CAST(price * Quantity AS DECIMAL(18, 3)) AS amount,
  100 * year(InvoiceDate) + month(InvoiceDate) AS month,
  year(InvoiceDate) AS year
FROM (
  SELECT
    InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country,
    CAST(UnitPrice AS DECIMAL(12, 3)) AS price
  FROM incoming_transactions
)
