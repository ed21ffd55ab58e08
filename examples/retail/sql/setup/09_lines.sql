-- Every transaction line with its category; lines without a description are UNKNOWN.
CREATE OR REPLACE TEMPORARY VIEW lines AS
SELECT r.*, c.category
FROM raw AS r
JOIN desc_cat AS c ON r.Description IS NOT DISTINCT FROM c.Description
