"""Polars: its SQL over scanned files with the streaming engine; what its SQL lacks is written as expressions."""
import os

from protocol import config, ending, files, row_reply, serve, sum_reply

os.environ["POLARS_MAX_THREADS"] = str(config["threads"])
import polars as pl

SCANS = {"parquet": pl.scan_parquet, "csv": pl.scan_csv, "jsonl": pl.scan_ndjson}


def table(name):
    path = config["tables"][name]
    scan = SCANS[ending(path)]
    return scan(path, try_parse_dates=True) if scan is pl.scan_csv else scan(files(path))


EXPRESSIONS = {
    "h2o-groupby q6": lambda: table("g1").group_by("id4", "id5").agg(
        pl.median("v3").alias("median_v3"), pl.std("v3").alias("sd_v3")),
    "h2o-groupby q8": lambda: table("g1").group_by("id6").agg(
        pl.col("v3").top_k(2).alias("largest2_v3")).explode("largest2_v3"),
    "h2o-groupby q9": lambda: table("g1").group_by("id2", "id4").agg((pl.corr("v1", "v2") ** 2).alias("r2")),
}


def frame(request):
    lazy = EXPRESSIONS.get(request["name"])
    if lazy is not None:
        return lazy().collect(engine="streaming")
    frames = {name: table(name) for name in config["tables"]}
    return pl.SQLContext(frames=frames).execute(request["sql"]).collect(engine="streaming")


def query(request):
    rows = frame(request).rows()
    return lambda: row_reply(rows)


def keep(request):
    result = frame(request)

    def summed():
        total = result[request["column"]].sum()
        return sum_reply(result.height, total)

    return summed


def write(request):
    lazy = table(request["table"])
    sinks = {"parquet": lazy.sink_parquet, "csv": lazy.sink_csv, "jsonl": lazy.sink_ndjson}
    options = {"compression": "snappy"} if request["format"] == "parquet" else {}
    path = request["path"]
    sinks[request["format"]](path, **options)

    def summed():
        written = SCANS[request["format"]](path).select(pl.len(), pl.col(request["column"]).cast(pl.Float64).sum().alias("sum"))
        count, total = written.collect(engine="streaming").row(0)
        return sum_reply(count, total)

    return summed


def first(request):
    frames = {name: table(name) for name in config["tables"]}
    rows = pl.SQLContext(frames=frames).execute(request["sql"]).head(1).collect(engine="streaming").rows()
    return lambda: {"count": len(rows)}


serve(pl.__version__, {"query": query, "keep": keep, "first": first, "write": write})
