-- Cancellation lines; their quantity is below zero.
CREATE OR REPLACE TEMPORARY VIEW returns AS
SELECT *
FROM raw
WHERE startswith(InvoiceNo, 'C') AND price > 0
