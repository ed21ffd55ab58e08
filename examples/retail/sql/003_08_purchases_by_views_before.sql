-- User activity joined with transactions: for each purchase, the views in its session up to its time,
-- and the order it led to.
WITH purchases AS (
  SELECT session_id, ts, invoice_no, country
  FROM activity
  WHERE event_type = 'purchase'
),
viewed AS (
  SELECT p.session_id, p.invoice_no, p.country, count(a.event_id) AS views
  FROM purchases AS p
  LEFT JOIN activity AS a ON a.session_id = p.session_id AND a.event_type = 'view' AND a.ts <= p.ts
  GROUP BY p.session_id, p.invoice_no, p.country
)
SELECT
  views AS views_before,
  count(*) AS purchases,
  sum(i.total_cost) AS total_cost,
  sum(i.total_items) AS total_items
FROM viewed AS v
JOIN invoices AS i
  ON i.invoice_no = CAST(v.invoice_no AS STRING) AND i.country = v.country AND i.type = 'ORDER'
GROUP BY views
ORDER BY views_before
