-- How many invoices name no customer, one, or more.
SELECT customers, count(*) AS invoices
FROM (SELECT InvoiceNo, count(DISTINCT CustomerID) AS customers FROM raw GROUP BY InvoiceNo)
GROUP BY customers
ORDER BY customers
