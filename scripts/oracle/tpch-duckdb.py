#!/usr/bin/env python3
"""DuckDB's answers to the TPC-H queries: OUT/q01.csv … for QUERIES/q01.sql …

    VENV/bin/python scripts/oracle/tpch-duckdb.py --data DIR --queries DIR --out DIR [--fraction 0.0001]
"""

import argparse
import pathlib

import duckdb


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "queries", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--fraction", default="0.0001")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for path in sorted(arguments.data.glob("*.parquet")):
        connection.sql(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet('{path}')")
    for path in sorted(arguments.queries.glob("*.sql")):
        text = path.read_text().replace("* 0.0001", f"* {arguments.fraction}").rstrip().rstrip(";")
        connection.execute(f"COPY ({text}) TO '{arguments.out / path.stem}.csv' (HEADER)")


if __name__ == "__main__":
    main()
