#!/usr/bin/env python3
"""Parquet both ways: files of pyarrow, DuckDB, Polars and Spark read by Millrace, and files of Millrace read by them.

    VENV/bin/python scripts/oracle/parquet-interop.py [--spark] [--keep FOLDER]

Values are compared exactly, as parquet-dump.mjs prints them. Needs a build. Exit code 1 if anything differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import polars
import pyarrow.parquet

import parquet_samples
from interop_values import difference, rows_of, same
from spark_session import spark_session

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", action="store_true", help="also write and read files with Spark (needs Java)")
    parser.add_argument("--keep", help="folder to leave the files in")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-parquet-") as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        writers = [parquet_samples.pyarrow_files, parquet_samples.duckdb_files, parquet_samples.polars_files]
        readers = {"pyarrow": None, "DuckDB": read_duckdb, "Polars": read_polars}
        if arguments.spark:
            writers.append(parquet_samples.spark_files)
            readers["Spark"] = read_spark
        paths = [path for write in writers for path in write(folder)]
        names = ("mixed", "dense", "sparse", "one", "empty")
        sources = [folder / f"pyarrow-{name}-v1.parquet" for name in names]
        sources += [folder / name for name in ("polars-snappy.parquet", "duckdb-0-V1.parquet", "pyarrow-nothing.parquet")]
        written = folder / "millrace"
        written.mkdir(exist_ok=True)
        read, unread = check_reading(paths)
        taken, refused = check_writing(written, sources, readers)
    print(f"{read + taken} passed, {unread + refused} failed")
    sys.exit(1 if unread + refused else 0)


def check_reading(paths):
    """Files of other writers, each read by Millrace in large and in small batches."""
    counts = [0, 0]
    for start in range(0, len(paths), 25):
        for result in dump(paths[start : start + 25]):
            path = pathlib.Path(result["path"])
            reason = result["message"] if not result["ok"] else difference(result["rows"], rows_of(path))
            counts[reason is not None] += 1
            if reason is not None:
                print(f"FAILED {path.name} in batches of {result['batchRows']}: {reason}")
    print(f"{len(paths)} files of other writers, {sum(counts)} readings by Millrace, {counts[1]} failed", flush=True)
    return counts


def check_writing(folder, sources, readers):
    """Millrace rewrites files; every reader must find the rows that Millrace itself finds in the source."""
    command = ["node", str(HERE / "parquet-write.mjs"), str(folder), *map(str, sources)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    wanted = {answer["path"]: answer["rows"] for answer in dump(sources)}
    files = [json.loads(line) for line in result.stdout.splitlines()]
    counts = {name: [0, 0] for name in readers}
    for written in files:
        path = written["path"]
        for name, read in readers.items():
            if name == "Spark" and path.endswith("brotli.parquet"):
                continue  # Spark comes without a Brotli codec.
            try:
                reason = difference(rows_of(path), wanted[written["source"]]) if read is None else unlike(path, read(path))
            except Exception as error:
                reason = str(error)
            counts[name][reason is not None] += 1
            if reason is not None:
                print(f"FAILED {pathlib.Path(path).name} in {name}: {reason[:300]}")
    for name, (passed, failed) in counts.items():
        print(f"{len(files)} files of Millrace read by {name}: {passed} same, {failed} failed", flush=True)
    return [sum(each) for each in zip(*counts.values())]


def unlike(path, table):
    """How a table differs from what pyarrow reads, or None."""
    theirs = pyarrow.parquet.ParquetFile(path).read()
    if table.num_rows != theirs.num_rows:
        return f"{table.num_rows} rows, wanted {theirs.num_rows}"
    for column in theirs.column_names:
        for row, (a, b) in enumerate(zip(table[column].to_pylist(), theirs[column].to_pylist())):
            if not same(a, b):
                return f"column {column}, row {row}: {a!r}, wanted {b!r}"
    return None


def dump(paths):
    command = ["node", str(HERE / "parquet-dump.mjs"), *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def read_duckdb(path):
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    return connection.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()


def read_polars(path):
    return polars.read_parquet(path).to_arrow()


def read_spark(path):
    return spark_session().read.parquet(path).toArrow()


if __name__ == "__main__":
    main()
