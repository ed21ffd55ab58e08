-- Every invoice as one event, in order of time.
SELECT invoice_no, country, `timestamp`, type, line_count, total_items, total_cost, customer_id
FROM invoices
ORDER BY `timestamp`, invoice_no, country
