"""Random tables for fuzz-vs-duckdb.py: every kind of column, NULLs, repeats, extremes; Parquet files of pyarrow."""
import dataclasses
import datetime
import decimal

import pyarrow
import pyarrow.parquet

SIZES = [0, 1, 7, 7, 300, 300, 70_000]
WORDS = ['', 'a', 'b', 'ab', 'abc', 'B', 'zeta', 'naïve', '日本', 'Ω', '😀x', ' a', 'a ', 'a%b', 'x_y', 'the quick brown fox']
EPOCH_DAY, EPOCH = datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)


@dataclasses.dataclass
class Column:
    """`group` is what operators it may meet; `small` says that arithmetic on it stays far from every limit."""
    name: str
    group: str
    small: bool
    distinct: int


@dataclasses.dataclass
class Table:
    name: str
    rows: int
    columns: list
    path: str
    data: pyarrow.Table


def make_tables(rng, folder, most_rows=SIZES[-1]):
    return [make_table(rng, f't{index}', min(size, most_rows), folder) for index, size in enumerate(SIZES)]


def make_table(rng, name, size, folder):
    keys = max(3, size // 2) if size > 1000 else rng.choice([3, 12])
    columns, arrays, fields = [], [], []
    for column, kind, group, small, values in column_makers(rng, keys):
        nulls = rng.choice([0, 0, 0.1, 0.5, 1.0 if rng.random() < 0.1 else 0.2])
        data = [None if rng.random() < nulls else values() for _ in range(size)]
        arrays.append(pyarrow.array(data, kind))
        fields.append(pyarrow.field(column, kind))
        columns.append(Column(column, group, small, max(1, len(set(data)))))
    fields.append(pyarrow.field('id', pyarrow.int32()))
    arrays.append(pyarrow.array(range(size), pyarrow.int32()))
    columns.append(Column('id', 'int', size < 1000, max(1, size)))
    data = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))
    path = folder / f'{name}.parquet'
    write(data, path, {'row_group_size': rng.choice([3, 100, 20_000]) if size < 1000 else rng.choice([9_000, 1 << 20]),
                       'use_dictionary': rng.random() < 0.5, 'compression': rng.choice(['none', 'snappy'])})
    return Table(name, size, columns, str(path), data)


def column_makers(rng, keys):
    """Some of: name, Arrow type, group, small, maker of values."""
    def whole(low, high):
        return lambda: rng.randint(low, high)

    def extreme(bits):
        return lambda: rng.choice([-2 ** (bits - 1), 2 ** (bits - 1) - 1, 0, 1, -1, rng.randint(-2 ** (bits - 1), 2 ** (bits - 1) - 1)])

    def exact(digits, scale):
        return lambda: decimal.Decimal(rng.randint(-10 ** digits, 10 ** digits)).scaleb(-scale)

    def quarter():
        value = rng.randint(-4000, 4000) / 4
        return rng.choice([0.0, 1.5, -2.25]) if rng.random() < 0.3 else value

    def odd():
        return rng.choice([float('nan'), float('inf'), float('-inf'), 0.0, 1e300, 5e-324, quarter()])
    few = rng.sample(WORDS, 5)
    kinds = [
        ('ti', pyarrow.int8(), 'int', True, whole(-5, 5)), ('si', pyarrow.int16(), 'int', True, whole(-100, 100)),
        ('n', pyarrow.int32(), 'int', True, whole(-1000, 1000)), ('bi', pyarrow.int64(), 'int', True, whole(-1000, 1000)),
        ('xt', pyarrow.int8(), 'int', False, extreme(8)), ('xs', pyarrow.int16(), 'int', False, extreme(16)),
        ('xn', pyarrow.int32(), 'int', False, extreme(32)), ('xb', pyarrow.int64(), 'int', False, extreme(64)),
        ('d', pyarrow.decimal128(7, 2), 'dec', True, exact(5, 2)), ('e', pyarrow.decimal128(15, 3), 'dec', True, exact(4, 3)),
        ('xd', pyarrow.decimal128(30, 6), 'dec', False, exact(30, 6)), ('f', pyarrow.float64(), 'dbl', True, quarter),
        ('g', pyarrow.float32(), 'dbl', True, quarter), ('xf', pyarrow.float64(), 'dbl', False, odd),
        ('s', pyarrow.string(), 'str', True, lambda: rng.choice(WORDS)),
        ('u', pyarrow.string(), 'str', True, lambda: rng.choice(few)),
        ('w', pyarrow.string(), 'str', True, lambda: rng.choice(few) + str(rng.randint(0, keys))),
        ('dt', pyarrow.date32(), 'date', True, lambda: EPOCH_DAY + datetime.timedelta(rng.randint(-40, 40))),
        ('ts', pyarrow.timestamp('us'), 'ts', True,
         lambda: EPOCH + datetime.timedelta(microseconds=rng.choice([0, 1, 500_000]) + rng.randint(-60, 60) * 3_600_000_000)),
        ('b', pyarrow.bool_(), 'bool', True, lambda: rng.random() < 0.5),
    ]
    chosen = rng.sample(kinds, rng.randint(5, 10))
    key_kind = rng.choice([pyarrow.int8(), pyarrow.int16(), pyarrow.int32(), pyarrow.int64()])
    if keys > 120:
        key_kind = rng.choice([pyarrow.int32(), pyarrow.int64()])
    key_text = rng.choice([3, 50])
    return [('k', key_kind, 'int', keys <= 120, whole(0, keys)),
            ('m', pyarrow.string(), 'str', True, lambda: f'm{rng.randint(0, key_text)}'), *chosen]


def write(data, path, options):
    pyarrow.parquet.write_table(data, path, **options)


def without(data, at, count):
    """The rows but [at, at + count)."""
    return pyarrow.concat_tables([data.slice(0, at), data.slice(at + count)])
