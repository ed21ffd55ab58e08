"""Parquet files as pyarrow, DuckDB, Polars and Spark write them, in every variant of their writers."""

import datetime
import decimal
import math
import random

import duckdb
import polars
import pyarrow
import pyarrow.parquet

from interop_values import EPOCH
from spark_session import spark_session


def sample(row_count, null_share, seed):
    """A table of every type that pyarrow writes."""
    source = random.Random(seed)

    def column(make, kind):
        values = [None if source.random() < null_share else make() for _ in range(row_count)]
        return pyarrow.array(values, type=kind)

    def text():
        return "".join(source.choice("abcdé漢🎈 ") for _ in range(source.randrange(0, 20)))

    def exact(precision, scale):
        digits = source.randrange(0, precision + 1)
        unscaled = source.randrange(-(10**digits) + 1, 10**digits)
        with decimal.localcontext() as context:
            context.prec = 80
            return decimal.Decimal(unscaled).scaleb(-scale)

    def stamp():
        return EPOCH + datetime.timedelta(microseconds=source.randrange(-(10**15), 10**16))

    def number(bits):
        return lambda: source.randrange(-(2 ** (bits - 1)), 2 ** (bits - 1)) >> source.randrange(bits)

    def natural(bits):
        return lambda: source.randrange(0, 2**bits) >> source.randrange(bits)

    def real():
        return source.choice([source.uniform(-1e9, 1e9), 0.0, -0.0, math.inf, -math.inf, math.nan, 1.5])

    def listing(make, share=0.2):
        return lambda: [None if source.random() < share else make() for _ in range(source.randrange(0, 5))]

    p = pyarrow
    member = p.struct([("a", p.int32()), ("b", p.string()), ("c", p.list_(p.int64()))])

    def struct():
        return {
            "a": source.choice([None, 1, 2]),
            "b": source.choice([None, "x", "yy"]),
            "c": source.choice([None, [], [1, None], [5, 6, 7]]),
        }

    return p.table(
        {
            "bool": column(lambda: source.random() < 0.5, p.bool_()),
            "int8": column(number(8), p.int8()),
            "int16": column(number(16), p.int16()),
            "int32": column(number(32), p.int32()),
            "int64": column(number(64), p.int64()),
            "uint8": column(natural(8), p.uint8()),
            "uint16": column(natural(16), p.uint16()),
            "uint32": column(natural(32), p.uint32()),
            "uint64": column(natural(64), p.uint64()),
            "float": column(lambda: source.choice([1.5, -0.0, math.inf, math.nan, 0.1]), p.float32()),
            "double": column(real, p.float64()),
            "dec5": column(lambda: exact(5, 2), p.decimal128(5, 2)),
            "dec18": column(lambda: exact(18, 6), p.decimal128(18, 6)),
            "dec38": column(lambda: exact(38, 10), p.decimal128(38, 10)),
            "string": column(text, p.string()),
            "few": column(lambda: source.choice(["red", "green", "blue", ""]), p.string()),
            "binary": column(lambda: source.randbytes(source.randrange(0, 9)), p.binary()),
            "fixed": column(lambda: source.randbytes(5), p.binary(5)),
            "date": column(lambda: stamp().date(), p.date32()),
            "ts_ms": column(lambda: stamp().replace(microsecond=123000), p.timestamp("ms")),
            "ts_us": column(stamp, p.timestamp("us")),
            "ts_utc": column(lambda: stamp().replace(tzinfo=datetime.timezone.utc), p.timestamp("us", "UTC")),
            "ts_ns": column(lambda: stamp().replace(year=2020), p.timestamp("ns")),
            "time": column(lambda: stamp().time(), p.time64("us")),
            "list": column(listing(number(32)), p.list_(p.int32())),
            "texts": column(listing(text), p.list_(p.string())),
            "lists": column(listing(listing(number(16))), p.list_(p.list_(p.int16()))),
            "struct": column(struct, member),
            "structs": column(listing(struct), p.list_(member)),
            "map": column(
                lambda: [(f"k{i}", source.choice([None, i])) for i in range(source.randrange(0, 4))],
                p.map_(p.string(), p.int32()),
            ),
            "bools": column(listing(lambda: source.random() < 0.5), p.list_(p.bool_())),
            "decs": column(listing(lambda: exact(38, 3)), p.list_(p.decimal128(38, 3))),
        }
    )


def pyarrow_files(folder):
    tables = {
        "mixed": sample(1000, 0.2, 1),
        "dense": sample(500, 0.0, 2),
        "sparse": sample(300, 0.9, 3),
        "null": sample(50, 1.0, 4),
        "one": sample(1, 0.0, 5),
        "empty": sample(0, 0.0, 6),
    }
    variants = {
        "v1": {},
        "v2": {"data_page_version": "2.0"},
        "plain": {"use_dictionary": False},
        "plain2": {"use_dictionary": False, "data_page_version": "2.0", "compression": "none"},
        "gzip": {"compression": "gzip"},
        "brotli": {"compression": "brotli"},
        "zstd": {"compression": "zstd", "data_page_version": "2.0"},
        "lz4": {"compression": "lz4"},
        "small-pages": {"data_page_size": 200, "write_batch_size": 16, "dictionary_pagesize_limit": 300},
        "small-groups": {"row_group_size": 37, "write_page_checksum": True, "write_page_index": True},
        "int96": {"use_deprecated_int96_timestamps": True},
        "dec-int": {"store_decimal_as_integer": True},
        "old": {"version": "1.0", "use_compliant_nested_type": False},
    }
    for name, table in tables.items():
        for variant, options in variants.items():
            path = folder / f"pyarrow-{name}-{variant}.parquet"
            kept = table.drop_columns(["time"]) if variant == "int96" else table
            pyarrow.parquet.write_table(kept, path, **options)
            yield path
    encodings = {
        "DELTA_BINARY_PACKED": ["int8", "int16", "int32", "int64", "date", "ts_us", "uint32", "uint64"],
        "DELTA_LENGTH_BYTE_ARRAY": ["string", "binary", "few"],
        "DELTA_BYTE_ARRAY": ["string", "binary", "few", "fixed", "dec38"],
        "BYTE_STREAM_SPLIT": ["float", "double", "int32", "int64", "fixed", "dec38"],
        "RLE": ["bool"],
    }
    for encoding, columns in encodings.items():
        for name in ("mixed", "dense", "null", "empty"):
            for options in ({}, {"data_page_version": "2.0", "data_page_size": 300, "write_batch_size": 10}):
                path = folder / f"pyarrow-{name}-{encoding}-{len(options)}.parquet"
                column_encoding = {column: encoding for column in columns}
                table = tables[name].select(columns)
                pyarrow.parquet.write_table(
                    table, path, use_dictionary=False, column_encoding=column_encoding, **options
                )
                yield path
    half = pyarrow.table({"half": pyarrow.array([1.5, -2.25, 0.0, 65504.0, 6e-8, None], pyarrow.float16())})
    pyarrow.parquet.write_table(half, folder / "pyarrow-half.parquet")
    yield folder / "pyarrow-half.parquet"
    nothing = pyarrow.table({"nothing": pyarrow.nulls(10), "n": list(range(10))})
    pyarrow.parquet.write_table(nothing, folder / "pyarrow-nothing.parquet")
    yield folder / "pyarrow-nothing.parquet"


def duckdb_files(folder):
    connection = duckdb.connect()
    query = """
        SELECT i::TINYINT % 100 AS a, i::BIGINT * 1234567891 AS b, 'text ' || (i % 17) AS c, i % 2 = 0 AS d,
          (i / 7)::DOUBLE AS e, (i * 1.01)::DECIMAL(9,2) AS f, (i * 1.01)::DECIMAL(30,5) AS g,
          DATE '2020-01-01' + i::INT AS h, TIMESTAMP '2020-01-01' + INTERVAL (i) MINUTE AS j,
          CASE WHEN i % 3 = 0 THEN NULL ELSE [i, NULL, i + 1] END AS k, {'x': i, 'y': 'n' || i} AS l,
          MAP {'a': i} AS m, CASE WHEN i % 5 > 0 THEN repeat('x', i::INT % 300) END AS n,
          TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (i) SECOND AS p, i::UINTEGER AS q, encode('b' || i) AS r
        FROM range({rows}) t(i)
    """
    options = ["CODEC snappy", "CODEC zstd", "CODEC gzip", "CODEC uncompressed", "CODEC brotli", "CODEC lz4_raw"]
    for index, option in enumerate(options):
        for version in ("V1", "V2"):
            path = folder / f"duckdb-{index}-{version}.parquet"
            text = query.replace("i::TINYINT % 100", "(i % 100)::TINYINT").replace("{rows}", "5000")
            connection.sql(f"COPY ({text}) TO '{path}' (FORMAT parquet, {option}, PARQUET_VERSION {version})")
            yield path


def polars_files(folder):
    frame = polars.DataFrame(
        {
            "i": list(range(3000)),
            "f": [None if i % 7 == 0 else i / 3 for i in range(3000)],
            "s": [None if i % 11 == 0 else f"value {i % 50}" for i in range(3000)],
            "l": [None if i % 13 == 0 else [i, None][: i % 3] for i in range(3000)],
            "d": [datetime.date(2020, 1, 1) + datetime.timedelta(i) for i in range(3000)],
            "t": [EPOCH + datetime.timedelta(seconds=i * 1001) for i in range(3000)],
            "b": [None if i % 5 == 0 else i % 3 == 0 for i in range(3000)],
            "x": [{"a": i, "b": str(i)} for i in range(3000)],
        }
    )
    for codec in ("snappy", "zstd", "gzip", "lz4", "uncompressed", "brotli"):
        path = folder / f"polars-{codec}.parquet"
        frame.write_parquet(path, compression=codec, row_group_size=1000, data_page_size=2000)
        yield path


def spark_files(folder):
    spark = spark_session()
    frame = spark.sql(
        """SELECT id, CAST(id % 7 AS TINYINT) a, concat('s', id % 20) s, CAST(id * 1.5 AS DECIMAL(12,2)) d,
        CAST(id AS DECIMAL(38,4)) w, timestamp_micros(id * 1000003) t, date_add(DATE'2020-01-01', CAST(id AS INT)) dt,
        array(id, NULL) l, map('k', id) m, named_struct('x', id, 'y', 'z') st, IF(id % 3 = 0, NULL, id / 4.0D) f
        FROM range(2000)"""
    )
    for name, options in {
        "plain": {},
        "gzip": {"compression": "gzip"},
        "lz4raw": {"compression": "lz4_raw"},
        "lz4": {"compression": "lz4"},
        "zstd": {"compression": "zstd"},
        "v2": {"parquet.writer.version": "v2"},
        "bloom": {"parquet.bloom.filter.enabled#id": "true"},
    }.items():
        target = folder / f"spark-{name}"
        frame.coalesce(1).write.options(**options).parquet(str(target))
        yield next(target.glob("*.parquet"))
    for legacy in ("true", "false"):
        spark.conf.set("spark.sql.parquet.writeLegacyFormat", legacy)
        spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96" if legacy == "true" else "TIMESTAMP_MILLIS")
        target = folder / f"spark-legacy-{legacy}"
        frame.coalesce(1).write.parquet(str(target))
        yield next(target.glob("*.parquet"))
    spark.conf.unset("spark.sql.parquet.writeLegacyFormat")
    spark.conf.unset("spark.sql.parquet.outputTimestampType")
