-- What was sold under each code and description, as they are written.
CREATE TABLE articles
USING PARQUET
AS SELECT
  StockCode,
  Description,
  count(*) AS n_lines,
  sum(Quantity) AS quantity,
  sum(amount) AS amount
FROM raw
GROUP BY StockCode, Description
