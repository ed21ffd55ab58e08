"""DuckDB: tables are views over the files; rows are fetched, or kept as a temporary table and summed up."""
import duckdb

from protocol import config, ending, files, row_reply, serve, sum_reply

connection = duckdb.connect()
connection.execute(f"SET threads={config['threads']}")
connection.execute("SET TimeZone='UTC'")
if config.get("memory"):
    connection.execute(f"SET memory_limit='{config['memory']}iB'")
READERS = {
    "parquet": "read_parquet('{}')",
    "csv": "read_csv('{}', header=true)",
    "jsonl": "read_json('{}', format='newline_delimited')",
}
for name, path in config["tables"].items():
    reader = READERS[ending(path)].format(files(path))
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {reader}")


def query(request):
    rows = connection.execute(request["sql"]).fetchall()
    return lambda: row_reply(rows)


def keep(request):
    connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {request['sql']}")

    def summed():
        count, total = connection.execute(f"SELECT count(*), sum({request['column']}) FROM answer").fetchone()
        connection.execute("DROP TABLE answer")
        return sum_reply(count, total)

    return summed


def first(request):
    row = connection.execute(request["sql"]).fetchone()
    return lambda: {"count": 0 if row is None else 1}


COPY_OPTIONS = {"parquet": "FORMAT parquet, COMPRESSION snappy", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}


def write(request):
    kind, path = request["format"], request["path"]
    connection.execute(f"COPY {request['table']} TO '{path}' ({COPY_OPTIONS[kind]})")

    def summed():
        source = READERS[kind].format(path)
        count, total = connection.execute(f"SELECT count(*), sum({request['column']}) FROM {source}").fetchone()
        return sum_reply(count, total)

    return summed


serve(duckdb.__version__, {"query": query, "keep": keep, "first": first, "write": write})
