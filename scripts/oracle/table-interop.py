#!/usr/bin/env python3
"""Folders of tables both ways: Parquet of every codec, partitioned, bucketed; CSV; JSON.

    VENV/bin/python scripts/oracle/table-interop.py [--keep FOLDER] [parquet] [text]

Millrace and Spark run the same CREATE TABLE … AS SELECT. Millrace's folders are read by Spark, DuckDB, Polars and
pyarrow, those of Spark, DuckDB, Polars and pyarrow by Millrace; types and values are compared with Spark's own answer
to the SELECT. Needs a build and Java. Exit code 1 if anything differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import table_readers
import table_writers
from interop_values import same
from spark_session import spark_session
from table_samples import BUCKET_KEYS, BUCKETS, CODECS, PARTITIONED, TEXT, TYPES, names_and_types

ROOT = pathlib.Path(__file__).resolve().parents[2]
counts = [0, 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="parquet, text (default: both)")
    parser.add_argument("--keep", help="folder to leave the files in")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-tables-") as temporary:
        folder = pathlib.Path(arguments.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        millrace = Millrace(folder / "warehouse")
        formats = arguments.formats or ["parquet", "text"]
        if "parquet" in formats:
            codecs_both_ways(millrace, folder)
            partitions_both_ways(millrace, folder)
            buckets_both_ways(millrace, folder)
        if "text" in formats:
            text_both_ways(millrace, folder)
        millrace.stop()
    print(f"{counts[0]} passed, {counts[1]} failed")
    sys.exit(1 if counts[1] else 0)


def codecs_both_ways(millrace, folder):
    for codec in CODECS:
        ours = folder / f"millrace-types-{codec}"
        if codec != "zstd" or millrace.writes_zstd:
            millrace.create("t", "parquet", ours, TYPES, f"OPTIONS (compression '{codec}')")
            check(f"Spark reads types, {codec}", spark_reads, ours, "parquet", TYPES)
            for name, read in table_readers.PARQUET.items():
                check(f"{name} reads types, {codec}", engine_reads, read, ours, TYPES)
        else:
            print("left out: Millrace writes zstd from Node 22.15 on", flush=True)
        theirs = folder / f"spark-types-{codec}"
        spark_session().sql(TYPES).write.option("compression", codec).parquet(str(theirs))
        check(f"types of Spark read, {codec}", millrace_reads, millrace, f"parquet.`{theirs}`", TYPES)


def partitions_both_ways(millrace, folder):
    ours = folder / "millrace-partitioned"
    millrace.create("t", "parquet", ours, PARTITIONED, "PARTITIONED BY (day, region)")
    check("Spark reads partitions", spark_reads, ours, "parquet", PARTITIONED)
    for name, read in table_readers.HIVE.items():
        check(f"{name} reads partitions", engine_reads, read, ours, PARTITIONED)
    for name, write in table_writers.HIVE.items():
        theirs = folder / f"{name}-partitioned"
        write(spark_session().sql(PARTITIONED), theirs)
        check(f"partitions of {name} read", millrace_reads, millrace, f"parquet.`{theirs}`", PARTITIONED)


def buckets_both_ways(millrace, folder):
    """Each engine prunes by the other's buckets and joins them with its own: a hash that differs would lose rows."""
    spark = spark_session()
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    columns = ", ".join(f"{name} {kind}" for name, kind in names_and_types(spark, BUCKETS))
    for keys in BUCKET_KEYS:
        name = "_".join(keys)
        clause = f"CLUSTERED BY ({', '.join(keys)}) INTO 5 BUCKETS"
        ours, theirs = folder / f"millrace-buckets-{name}", folder / f"spark-buckets-{name}"
        spark.sql(f"CREATE TABLE theirs_{name} USING parquet {clause} LOCATION '{theirs}' AS {BUCKETS}")
        millrace.ask(f"CREATE TABLE ours_{name} USING parquet {clause} LOCATION '{ours}' AS {BUCKETS}")
        spark.sql(f"CREATE TABLE ours_{name} ({columns}) USING parquet {clause} LOCATION '{ours}'")
        millrace.ask(f"CREATE TABLE theirs_{name} ({columns}) USING parquet {clause} LOCATION '{theirs}'")
        equal = " AND ".join(f"a.{key} = b.{key}" for key in keys)
        join = f"SELECT CAST(count(*) AS STRING), CAST(sum(a.n + b.n) AS STRING) FROM ONE a JOIN TWO b ON {equal}"
        queries = [join]
        for row in spark.sql(BUCKETS).limit(8).collect():
            where = " AND ".join(f"{key} = {row[key]!r}" if row[key] is not None else f"{key} IS NULL" for key in keys)
            queries.append(f"SELECT CAST(count(*) AS STRING), CAST(sum(n) AS STRING) FROM ONE WHERE {where}")
        for query in queries:
            wanted = texts(spark.sql(query.replace("ONE", f"({BUCKETS})").replace("TWO", f"({BUCKETS})")))
            asked = query.replace("ONE", f"ours_{name}").replace("TWO", f"theirs_{name}")
            check(f"Spark: {asked}", lambda: unequal(texts(spark.sql(asked)), wanted))
            asked = query.replace("ONE", f"theirs_{name}").replace("TWO", f"ours_{name}")
            check(f"Millrace: {asked}", lambda: unequal(millrace.rows(asked), wanted))
        for table in (f"ours_{name}", f"theirs_{name}"):
            spark.sql(f"DROP TABLE {table}")
    spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")


def text_both_ways(millrace, folder):
    declared = ", ".join(f"{name} {kind}" for name, kind in names_and_types(spark_session(), TEXT))
    for kind, options in {"csv": "OPTIONS (header 'true')", "json": ""}.items():
        for codec in ("none", "gzip"):
            ours = folder / f"millrace-{kind}-{codec}"
            header = "header 'true', " if kind == "csv" else ""
            clause = f"OPTIONS ({header}compression '{codec}')"
            millrace.create("t", kind, ours, TEXT, clause)
            check(f"Spark reads {kind}, {codec}", spark_reads, ours, kind, TEXT, declared)
            for name, read in table_readers.TEXT[kind].items():
                check(f"{name} reads {kind}, {codec}", engine_reads, read, ours, TEXT)
        for name, write in table_writers.TEXT[kind].items():
            theirs = folder / f"{name}-{kind}"
            write(spark_session().sql(TEXT), theirs)
            table = f"theirs_{name.lower()}_{kind}"
            millrace.ask(f"CREATE TABLE {table} ({declared}) USING {kind} {options} LOCATION '{theirs}'")
            check(f"{kind} of {name} read", millrace_reads, millrace, table, TEXT)


def check(what, test, *arguments):
    try:
        reason = test(*arguments)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    counts[reason is not None] += 1
    print(f"same   {what}" if reason is None else f"FAILED {what}: {reason[:400]}", flush=True)


def spark_reads(folder, kind, query, declared=None):
    """Spark finds in our folder the types and values that it computes itself."""
    spark = spark_session()
    reader = spark.read.format(kind).option("header", "true").option("escape", '"')
    frame = (reader.schema(declared) if declared else reader).load(str(folder))
    wanted = spark.sql(query)
    types = [sorted((field.name, field.dataType.simpleString()) for field in each.schema) for each in (frame, wanted)]
    if declared is None and types[0] != types[1]:
        return f"types {set(types[0]) ^ set(types[1])}"
    return unequal(texts(frame.select(*wanted.columns).orderBy("id")), texts(wanted.orderBy("id")))


def engine_reads(read, folder, query):
    """Another engine finds in our folder the values that Spark computes."""
    wanted = spark_session().sql(query).orderBy("id").toArrow()
    got = read(folder, wanted.schema).sort_by("id")
    if got.num_rows != wanted.num_rows:
        return f"{got.num_rows} rows, wanted {wanted.num_rows}"
    for column in wanted.column_names:
        for row, (a, b) in enumerate(zip(got[column].to_pylist(), wanted[column].to_pylist())):
            if not same(a, b):
                return f"column {column}, row {row}: {a!r}, wanted {b!r}"
    return None


def millrace_reads(millrace, table, query):
    """Millrace finds in a folder of another engine the values that Spark computes."""
    wanted = spark_session().sql(query).orderBy("id")
    casts = ", ".join(f"CAST({name} AS STRING)" for name in wanted.columns)
    return unequal(millrace.rows(f"SELECT {casts} FROM {table} ORDER BY id"), texts(wanted))


def texts(frame):
    return [list(row) for row in frame.selectExpr(*(f"CAST(`{name}` AS STRING)" for name in frame.columns)).collect()]


def unequal(got, wanted):
    if len(got) != len(wanted):
        return f"{len(got)} rows, wanted {len(wanted)}"
    for row, (a, b) in enumerate(zip(got, wanted)):
        if a != b:
            return f"row {row}: {[(x, y) for x, y in zip(a, b) if x != y]} (got, wanted)"
    return None


class Millrace:
    """A process that answers statements, one JSON line each."""

    def __init__(self, warehouse):
        command = ["node", str(ROOT / "dist/cli/main.js"), "sql", "--protocol", "jsonl", "--time-zone", "UTC"]
        command += ["--master", "local[2]", "--memory", "512m", "--warehouse", str(warehouse)]
        zstd = "typeof process.getBuiltinModule?.('node:zlib').zstdCompressSync"
        self.writes_zstd = subprocess.check_output(["node", "-p", zstd], text=True).strip() == "function"
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, sql):
        self.process.stdin.write(f"{' '.join(sql.split())};\n".encode())
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise RuntimeError(f"{answer['code']}: {answer['message']}")
        return answer

    def rows(self, sql):
        return self.ask(sql)["rows"]

    def create(self, name, kind, folder, query, clause):
        """CREATE TABLE … AS SELECT, whose files stay when the table goes."""
        sql = f"CREATE TABLE {name} USING {kind} {clause} LOCATION '{folder}' AS {query}"
        check(f"Millrace writes {folder.name}", lambda: self.ask(sql) and None)
        self.ask(f"DROP TABLE IF EXISTS {name}")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


if __name__ == "__main__":
    main()
