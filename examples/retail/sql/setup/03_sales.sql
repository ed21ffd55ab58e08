-- Order lines: neither cancelled (C) nor adjusted (A), with a quantity and a price above zero.
CREATE OR REPLACE TEMPORARY VIEW sales AS
SELECT *
FROM raw
WHERE NOT startswith(InvoiceNo, 'C') AND NOT startswith(InvoiceNo, 'A') AND Quantity > 0 AND price > 0
