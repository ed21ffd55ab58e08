-- What users did in the shop; the events of a session lie together.
CREATE TABLE activity
USING PARQUET
CLUSTERED BY (session_id) INTO 4 BUCKETS
AS SELECT *
FROM incoming_activity
