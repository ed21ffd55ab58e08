"""How DuckDB, Polars and pyarrow read the folders of tables that Millrace wrote, as Arrow tables."""

import gzip
import io

import duckdb
import polars
import pyarrow
import pyarrow.csv
import pyarrow.dataset
import pyarrow.json


def _duckdb(sql):
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    return connection.sql(sql).to_arrow_table()


def _duckdb_parquet(folder, _schema):
    return _duckdb(f"SELECT * FROM read_parquet('{folder}/*.parquet')")


def _polars_parquet(folder, _schema):
    return polars.read_parquet(f"{folder}/*.parquet").to_arrow()


def _pyarrow_parquet(folder, _schema):
    return pyarrow.dataset.dataset(str(folder), format="parquet").to_table()


def _duckdb_hive(folder, _schema):
    types = "{'day': DATE, 'region': VARCHAR}"
    source = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true, hive_types = {types})"
    return _duckdb(f"SELECT * FROM {source}")


def _polars_hive(folder, _schema):
    types = {"day": polars.Date, "region": polars.String}
    return polars.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=True, hive_schema=types).to_arrow()


def _pyarrow_hive(folder, schema):
    keys = pyarrow.schema([schema.field("day"), schema.field("region")])
    hive = pyarrow.dataset.partitioning(keys, flavor="hive")
    return pyarrow.dataset.dataset(str(folder), format="parquet", partitioning=hive).to_table()


def _duckdb_csv(folder, schema):
    return _duckdb(f"SELECT * FROM read_csv('{folder}/*.csv*', header = true, types = {_types(schema)})")


def _duckdb_json(folder, schema):
    return _duckdb(f"SELECT * FROM read_json('{folder}/*.json*', format = 'newline_delimited', columns = {_types(schema)})")


def _types(schema):
    empty = schema.empty_table()
    described = duckdb.connect().sql("DESCRIBE SELECT * FROM empty").fetchall()
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in described) + "}"


def _files(folder):
    """Each data file of a folder, unpacked."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("part-"):
            data = path.read_bytes()
            yield io.BytesIO(gzip.decompress(data) if path.suffix == ".gz" else data)


def _pyarrow_csv(folder, schema):
    """Timestamps come as text without a zone, which pyarrow takes for a type without one only."""
    kinds = {field.name: pyarrow.timestamp("us") if field.name == "ts" else field.type for field in schema}
    convert = pyarrow.csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    return pyarrow.concat_tables(pyarrow.csv.read_csv(file, convert_options=convert) for file in _files(folder))


def _pyarrow_json(folder, schema):
    """pyarrow takes neither dates nor decimals from JSON: they come as texts and doubles, and are cast."""
    loose = {"dt": pyarrow.string(), "d9": pyarrow.float64()}
    kinds = pyarrow.schema([(field.name, loose.get(field.name, field.type)) for field in schema])
    options = pyarrow.json.ParseOptions(explicit_schema=kinds)
    table = pyarrow.concat_tables(pyarrow.json.read_json(file, parse_options=options) for file in _files(folder))
    return table.select(schema.names).cast(schema)


def _polars_json(folder, schema):
    """Polars takes no dates and decimals from JSON either."""
    kinds = dict(polars.from_arrow(schema.empty_table()).schema) | {"dt": polars.String, "d9": polars.Float64}
    rows = polars.concat(polars.read_ndjson(file, schema=kinds) for file in _files(folder))
    return rows.to_arrow().cast(schema)


PARQUET = {"DuckDB": _duckdb_parquet, "Polars": _polars_parquet, "pyarrow": _pyarrow_parquet}
HIVE = {"DuckDB": _duckdb_hive, "Polars": _polars_hive, "pyarrow": _pyarrow_hive}
TEXT = {
    "csv": {"DuckDB": _duckdb_csv, "pyarrow": _pyarrow_csv},
    "json": {"DuckDB": _duckdb_json, "Polars": _polars_json, "pyarrow": _pyarrow_json},
}
