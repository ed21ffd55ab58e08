"""TPC-H's lineitem as CSV (16 columns, with a header) and eight fields of it as JSON lines.

usage: make-formats.py LINEITEM.parquet FOLDER
"""
import os
import sys

import duckdb

source, folder = sys.argv[1], sys.argv[2]
connection = duckdb.connect()
connection.execute(
    f"COPY (SELECT * FROM '{source}') TO '{os.path.join(folder, 'lineitem.csv')}' (FORMAT csv, HEADER)")
connection.execute(f"""COPY (SELECT l_orderkey AS order_id, l_linenumber AS line, l_quantity::INTEGER AS quantity,
  l_extendedprice::DOUBLE AS price, l_shipmode AS mode, l_returnflag = 'R' AS returned,
  strftime(l_shipdate, '%Y-%m-%d') AS shipped, l_comment AS comment FROM '{source}')
  TO '{os.path.join(folder, 'lines.jsonl')}' (FORMAT json, ARRAY false)""")
