-- What is wrong with each line; the first reason that applies counts.
SELECT reason, count(*) AS n
FROM (
  SELECT
    CASE
      WHEN CustomerID IS NULL THEN 'missing_customer'
      WHEN Description IS NULL THEN 'missing_description'
      WHEN price < 0 THEN 'negative_price'
      WHEN price = 0 THEN 'zero_price'
      WHEN startswith(InvoiceNo, 'C') THEN 'return'
      ELSE 'ok'
    END AS reason
  FROM raw
)
GROUP BY reason
ORDER BY reason
