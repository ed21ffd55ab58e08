-- Invoices worth 10,000 or more. An invoice has one customer at most.
SELECT InvoiceNo, Country, max(CustomerID) AS customer, sum(amount) AS total
FROM raw
GROUP BY InvoiceNo, Country
HAVING sum(amount) >= 10000
ORDER BY total DESC, InvoiceNo
