"""How the programs here compare values of different engines."""

import datetime
import decimal
import math
import uuid

import pyarrow
import pyarrow.compute
import pyarrow.parquet

EPOCH = datetime.datetime(1970, 1, 1)
UTC_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(delta):
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def canonical(value, kind):
    """A Python value in the form that parquet-dump.mjs prints."""
    if value is None:
        return None
    if pyarrow.types.is_dictionary(kind):
        return canonical(value, kind.value_type)
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        return [canonical(element, kind.value_type) for element in value]
    if pyarrow.types.is_map(kind):
        return [[canonical(k, kind.key_type), canonical(v, kind.item_type)] for k, v in value]
    if pyarrow.types.is_struct(kind):
        return [canonical(value[field.name], field.type) for field in kind]
    if pyarrow.types.is_decimal(kind):
        with decimal.localcontext() as context:
            context.prec = 80
            return str(int(value.scaleb(kind.scale)))
    if pyarrow.types.is_uint64(kind) or pyarrow.types.is_int64(kind) or pyarrow.types.is_uint32(kind):
        return str(value)
    if pyarrow.types.is_floating(kind):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return "-0" if value == 0 and math.copysign(1, value) < 0 else float(value)
    if pyarrow.types.is_date(kind):
        return (value - EPOCH.date()).days
    if pyarrow.types.is_timestamp(kind):
        return str(micros(value - (EPOCH if value.tzinfo is None else UTC_EPOCH)))
    if pyarrow.types.is_time(kind):
        return str(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value


def to_micros(table):
    """Nanoseconds become microseconds, rounded down, which Python can show."""
    columns = []
    for column in table.columns:
        kind = column.type
        if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
            column = pyarrow.compute.floor_temporal(column, unit="microsecond").cast(pyarrow.timestamp("us", kind.tz))
        if pyarrow.types.is_time(kind) and kind.unit == "ns":
            column = column.cast(pyarrow.time64("us"), safe=False)
        columns.append(column)
    return pyarrow.table(columns, names=table.column_names)


def rows_of(path):
    table = to_micros(pyarrow.parquet.ParquetFile(path, coerce_int96_timestamp_unit="us").read())
    kinds = [field.type for field in table.schema]
    columns = [
        [canonical(value, kind) for value in column.to_pylist(maps_as_pydicts=None)]
        for column, kind in zip(table.columns, kinds)
    ]
    return [list(row) for row in zip(*columns)]


def difference(got, wanted):
    if len(got) != len(wanted):
        return f"{len(got)} rows, wanted {len(wanted)}"
    for row, (a, b) in enumerate(zip(got, wanted)):
        if a != b:
            column = next(i for i, (x, y) in enumerate(zip(a, b)) if x != y)
            return f"row {row}, column {column}: {a[column]!r}, wanted {b[column]!r}"
    return None


def same(a, b):
    """Equal as Python values: NaN equals itself, maps are lists of pairs, time zones do not count."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, datetime.datetime) and isinstance(b, datetime.datetime):
        return a.replace(tzinfo=None) == b.replace(tzinfo=None)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, dict) and set(a) == {"key", "value"} and isinstance(b, tuple):
        return same([a["key"], a["value"]], list(b))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b
