-- One row a product: its code trimmed and in upper case, its most frequent trimmed description (of equals the
-- smaller in byte order, NULL if it has none), its lines, and how many descriptions it has.
WITH items AS (
  SELECT upper(trim(StockCode)) AS sku, nullif(trim(Description), '') AS title, n_lines
  FROM articles
),
counted AS (
  SELECT sku, title, sum(n_lines) AS n
  FROM items
  WHERE title IS NOT NULL
  GROUP BY sku, title
),
ranked AS (
  SELECT
    sku,
    title,
    row_number() OVER (PARTITION BY sku ORDER BY n DESC, title) AS position,
    count(*) OVER (PARTITION BY sku) AS titles
  FROM counted
),
products AS (
  SELECT sku, sum(n_lines) AS n_lines
  FROM items
  GROUP BY sku
)
SELECT p.sku, r.title, p.n_lines, coalesce(r.titles, 0) AS n_titles
FROM products AS p
LEFT JOIN ranked AS r ON r.sku = p.sku AND r.position = 1
ORDER BY sku
