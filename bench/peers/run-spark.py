"""Spark in local mode: tables are views over the files; large results go to the sink that drops rows."""
import os
import sys
import time

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
import pyspark
from pyspark.sql import SparkSession

from protocol import config, ending, row_reply, serve, sum_reply

spark = (
    SparkSession.builder.master(f"local[{config['threads']}]")
    .appName("bench")
    .config("spark.driver.memory", config.get("memory") or "8g")
    .config("spark.sql.shuffle.partitions", str(2 * config["threads"]))
    .config("spark.sql.adaptive.enabled", "true")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.local.dir", os.environ.get("TMPDIR", "/tmp"))
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
for name, path in config["tables"].items():
    reader = spark.read
    if ending(path) == "csv":
        frame = reader.csv(path, header=True, inferSchema=True)
    else:
        frame = reader.json(path) if ending(path) == "jsonl" else reader.parquet(path)
    frame.createOrReplaceTempView(name)


def query(request):
    rows = spark.sql(request["sql"]).collect()
    return lambda: row_reply(rows)


def keep(request):
    spark.sql(request["sql"]).write.format("noop").mode("overwrite").save()

    def summed():
        sql = f"SELECT count(*), sum({request['column']}) FROM ({request['sql']})"
        count, total = spark.sql(sql).collect()[0]
        return sum_reply(count, total)

    return summed


def first(request):
    rows = spark.sql(request["sql"]).take(1)
    return lambda: {"count": len(rows)}


def write(request):
    path = request["path"] + "-folder"
    frame = spark.table(request["table"]).write.mode("overwrite")
    if request["format"] == "csv":
        frame.csv(path, header=True)
    elif request["format"] == "jsonl":
        frame.json(path)
    else:
        frame.parquet(path)

    def summed():
        read = spark.read
        written = {"csv": lambda: read.csv(path, header=True, inferSchema=True), "jsonl": lambda: read.json(path)}
        frame = written.get(request["format"], lambda: read.parquet(path))()
        count, total = frame.selectExpr("count(*)", f"sum({request['column']})").collect()[0]
        return sum_reply(count, total)

    return summed


context = spark.sparkContext


def word_count(request):
    lines = context.textFile(request["path"], 2 * config["threads"])
    counts = lines.flatMap(lambda line: line.split(" ")).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
    pairs = counts.collect()
    return lambda: {"count": len(pairs), "sum": float(sum(count for _, count in pairs))}


def numbers(request):
    """map, filter, reduceByKey over the numbers from 0."""
    source = context.range(0, request["records"], numSlices=2 * config["threads"])
    pairs = source.map(lambda n: n * 3 + 1).filter(lambda n: n % 2 == 0).map(lambda n: (n % 1000, n))
    sums = pairs.reduceByKey(lambda a, b: a + b).collect()
    return lambda: {"count": len(sums), "sum": float(sum(total for _, total in sums))}


def tasks(request):
    """Tasks of the JVM, without a Python process."""
    count = spark.range(0, request["tasks"], 1, request["tasks"])._jdf.rdd().count()
    return lambda: {"count": count}


def jobs(request):
    """The median of jobs of one task."""
    took = []
    for _ in range(request["jobs"]):
        start = time.perf_counter()
        spark.range(0, 1, 1, 1)._jdf.rdd().count()
        took.append(time.perf_counter() - start)
    took.sort()
    return lambda: {"count": len(took), "seconds": took[len(took) // 2]}


serve(
    pyspark.__version__,
    {"query": query, "keep": keep, "first": first, "write": write, "wordCount": word_count, "numbers": numbers, "tasks": tasks, "jobs": jobs},
    pids=[context._gateway.proc.pid],
)
