-- Every transaction line with its money as exact decimals, computed once: price and amount = price * quantity.
-- A folder for each month; within it, the lines of one customer lie together, in the order of the input.
CREATE TABLE transactions
USING PARQUET
PARTITIONED BY (month)
CLUSTERED BY (CustomerID) INTO 4 BUCKETS
AS SELECT
  *,
  CAST(price * Quantity AS DECIMAL(18, 3)) AS amount,
  date_format(InvoiceDate, 'yyyy-MM') AS month
FROM (
  SELECT
    InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country,
    CAST(UnitPrice AS DECIMAL(12, 3)) AS price
  FROM incoming_transactions
)
