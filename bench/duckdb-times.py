"""Times queries on DuckDB, one JSON line a run, driven by bench/tpch.ts over standard input and output.

usage: duckdb-times.py THREADS DATA_FOLDER      then one line of SQL per request
"""
import glob
import json
import os
import sys
import time

import duckdb

threads, folder = int(sys.argv[1]), sys.argv[2]
connection = duckdb.connect()
connection.execute(f"SET threads={threads}")
for path in glob.glob(os.path.join(folder, "*.parquet")):
    name = os.path.basename(path)[: -len(".parquet")]
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
print(json.dumps({"version": duckdb.__version__}), flush=True)
for line in sys.stdin:
    query = json.loads(line)
    start = time.perf_counter()
    rows = connection.execute(query).fetchall()
    seconds = time.perf_counter() - start
    values = [[None if value is None else str(value) for value in row] for row in rows]
    print(json.dumps({"seconds": seconds, "rows": values}), flush=True)
