-- Every transaction line, by the name that the definitions use.
CREATE OR REPLACE TEMPORARY VIEW raw AS
SELECT *
FROM transactions
