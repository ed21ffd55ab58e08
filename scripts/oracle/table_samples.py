"""The rows that Millrace and Spark both make for table-interop.py."""

CODECS = ("snappy", "gzip", "zstd", "lz4_raw", "uncompressed")

_FLAT = """CAST(id AS INT) id, IF(id % 5 = 0, NULL, CAST(id % 100 AS TINYINT)) i8, CAST(id AS SMALLINT) i16,
  id * 1234567891 i64, CAST(id / 4 AS FLOAT) f,
  CASE id % 6 WHEN 0 THEN NULL WHEN 1 THEN DOUBLE('NaN') WHEN 2 THEN DOUBLE('-Infinity') WHEN 3 THEN -0.0D
    ELSE id / 7.0D END d,
  CAST(id * 1.01 AS DECIMAL(9,2)) d9, CAST(id * -1.01 AS DECIMAL(18,4)) d18,
  CAST(-id AS DECIMAL(33,5)) * 1000000000000 d38, id % 2 = 0 b, IF(id % 7 = 0, NULL, concat('é', id % 20)) s,
  CAST(concat('b', id) AS BINARY) x, date_add(DATE '1965-01-01', CAST(id * 1000 AS INT)) dt,
  timestamp_micros(id * 1000003 - 50000000) ts, CAST(timestamp_micros(id * 77) AS TIMESTAMP_NTZ) ntz"""

_NESTED = """IF(id % 4 = 0, NULL, array(id, NULL)) l, array(array(id), array()) ll,
  named_struct('x', id, 'y', array(named_struct('z', IF(id % 2 = 0, NULL, 1)))) st"""

TYPES = f"""SELECT {_FLAT}, {_NESTED}, map('k', id, 'n', NULL) m, map(id, array(id)) ml,
  array(map('a', named_struct('q', id))) deep FROM range(200)"""

PARTITIONED = """SELECT CAST(id AS INT) id, concat('s', id) s, date_add(DATE '2020-01-01', CAST(id % 3 AS INT)) day,
  CASE id % 4 WHEN 0 THEN 'a b' WHEN 1 THEN 'a/b=c%' WHEN 2 THEN NULL ELSE 'é:x' END region FROM range(60)"""

BUCKETS = """SELECT CAST(id AS INT) id, IF(id % 7 = 3, NULL, concat('é', id % 20)) s, id * 2 n, id * -5000000000 big,
  date_add(DATE '1969-12-28', CAST(id % 9 AS INT)) dt, CAST(id AS DECIMAL(9,2)) d9 FROM range(200)"""

BUCKET_KEYS = (("id",), ("s",), ("big",), ("id", "s"))

TEXT = """SELECT CAST(id AS INT) id, id * 1234567891 i64, IF(id % 3 = 0, NULL, id / 7.0D) d, id % 2 = 0 b,
  CASE id % 8 WHEN 0 THEN NULL WHEN 1 THEN 'a,b' WHEN 2 THEN 'say "x"' WHEN 3 THEN 'é🎈' WHEN 4 THEN 'a;b\\tc'
    WHEN 5 THEN 'a\\\\b' WHEN 6 THEN 'a''b' ELSE concat('s', id) END s,
  CAST(id * 1.01 AS DECIMAL(9,2)) d9, date_add(DATE '1965-01-01', CAST(id * 1000 AS INT)) dt,
  timestamp_micros(id * 1000003000000 + 1000) ts FROM range(80)"""


def names_and_types(spark, query):
    return [(field.name, field.dataType.simpleString()) for field in spark.sql(query).schema]
