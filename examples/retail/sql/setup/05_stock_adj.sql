-- Lines without a price: write-offs, found stock, samples.
CREATE OR REPLACE TEMPORARY VIEW stock_adj AS
SELECT *
FROM raw
WHERE price = 0
