"""DataFusion: tables are registered Parquet files; results are collected as Arrow batches."""
import datafusion

from protocol import config, ending, row_reply, serve, sum_reply

context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(config["threads"]))
REGISTER = {"parquet": context.register_parquet, "csv": context.register_csv, "jsonl": context.register_json}
for name, path in config["tables"].items():
    options = {"file_extension": ".jsonl"} if ending(path) == "jsonl" else {}
    REGISTER[ending(path)](name, path, **options)


def query(request):
    rows = []
    for batch in context.sql(request["sql"]).collect():
        if batch.num_rows > 0:
            rows.extend(zip(*[column.to_pylist() for column in batch.columns]))
    return lambda: row_reply(rows)


def keep(request):
    batches = context.sql(request["sql"]).collect()

    def summed():
        import pyarrow as pa
        import pyarrow.compute as pc

        column = pa.chunked_array([batch.column(request["column"]) for batch in batches])
        total = pc.sum(column).as_py()
        return sum_reply(len(column), total)

    return summed


def first(request):
    for batch in context.sql(request["sql"]).execute_stream():
        if batch.to_pyarrow().num_rows > 0:
            break
    return lambda: {"count": 1}


serve(datafusion.__version__, {"query": query, "keep": keep, "first": first})
