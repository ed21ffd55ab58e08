-- Every transaction line with its money as exact decimals: price and amount = price * quantity.
CREATE OR REPLACE TEMPORARY VIEW raw AS
SELECT *, CAST(price * Quantity AS DECIMAL(18, 3)) AS amount
FROM (SELECT *, CAST(UnitPrice AS DECIMAL(12, 3)) AS price FROM transactions)
