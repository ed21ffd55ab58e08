-- The category of every description: UNKNOWN without one, OTHER where no rule matches.
CREATE TABLE desc_cat
USING PARQUET
AS SELECT
  d.Description,
  CASE
    WHEN d.Description IS NULL THEN 'UNKNOWN'
    ELSE coalesce(min_by(r.category, r.ord), 'OTHER')
  END AS category
FROM (SELECT DISTINCT Description FROM articles) AS d
LEFT JOIN category_rules AS r ON upper(d.Description) RLIKE r.pattern
GROUP BY d.Description
