-- Lines worth 5,000 or more.
SELECT InvoiceNo, StockCode, Quantity, price, amount, CustomerID, Country
FROM raw
WHERE amount >= 5000
ORDER BY amount DESC, InvoiceNo, StockCode
