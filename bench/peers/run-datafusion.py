"""DataFusion: tables are registered Parquet files; results are collected as Arrow batches."""
import datafusion

from protocol import config, row_reply, serve

context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(config["threads"]))
REGISTER = {"parquet": context.register_parquet, "csv": context.register_csv, "jsonl": context.register_json}
for name, path in config["tables"].items():
    ending = path.rsplit(".", 1)[-1]
    options = {"file_extension": ".jsonl"} if ending == "jsonl" else {}
    REGISTER[ending](name, path, **options)


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
        return {"count": len(column), "sum": None if total is None else float(total)}

    return summed


serve(datafusion.__version__, {"query": query, "keep": keep})
