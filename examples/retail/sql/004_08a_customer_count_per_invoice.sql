-- How many known customers each invoice names.
SELECT InvoiceNo, count(DISTINCT CustomerID) AS customers
FROM raw
GROUP BY InvoiceNo
ORDER BY InvoiceNo
