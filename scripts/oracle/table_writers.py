"""How Spark, DuckDB, Polars and pyarrow write folders of tables that Millrace then reads; rows come as a Spark frame."""

import duckdb
import polars
import pyarrow.csv
import pyarrow.dataset


def _spark_hive(frame, folder):
    frame.write.partitionBy("day", "region").parquet(str(folder))


def _duckdb_hive(frame, folder):
    rows = frame.toArrow()
    duckdb.connect().sql("SELECT * FROM rows").write_parquet(str(folder), partition_by=["day", "region"])


def _polars_hive(frame, folder):
    polars.from_arrow(frame.toArrow()).write_parquet(folder, partition_by=["day", "region"], mkdir=True)


def _pyarrow_hive(frame, folder):
    keys = pyarrow.schema([frame.toArrow().schema.field(name) for name in ("day", "region")])
    hive = pyarrow.dataset.partitioning(keys, flavor="hive")
    pyarrow.dataset.write_dataset(frame.toArrow(), folder, format="parquet", partitioning=hive)


def _spark_csv(frame, folder):
    frame.write.option("header", "true").csv(str(folder))


def _spark_json(frame, folder):
    frame.write.json(str(folder))


def _duckdb_csv(frame, folder):
    _duckdb_copy(frame, folder / "rows.csv", "FORMAT csv, HEADER")


def _duckdb_json(frame, folder):
    _duckdb_copy(frame, folder / "rows.json", "FORMAT json")


def _duckdb_copy(frame, path, options):
    rows = frame.toArrow()
    path.parent.mkdir()
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    connection.sql(f"COPY (SELECT * FROM rows) TO '{path}' ({options})")


def _pyarrow_csv(frame, folder):
    folder.mkdir()
    pyarrow.csv.write_csv(frame.toArrow(), folder / "rows.csv")


def _polars_csv(frame, folder):
    folder.mkdir()
    polars.from_arrow(frame.toArrow()).write_csv(folder / "rows.csv")


def _polars_json(frame, folder):
    folder.mkdir()
    polars.from_arrow(frame.toArrow()).write_ndjson(folder / "rows.json")


HIVE = {"Spark": _spark_hive, "DuckDB": _duckdb_hive, "Polars": _polars_hive, "pyarrow": _pyarrow_hive}
TEXT = {
    "csv": {"Spark": _spark_csv, "DuckDB": _duckdb_csv, "Polars": _polars_csv, "pyarrow": _pyarrow_csv},
    "json": {"Spark": _spark_json, "DuckDB": _duckdb_json, "Polars": _polars_json},
}
