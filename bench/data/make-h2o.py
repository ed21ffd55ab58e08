"""Data of the h2o benchmark (group-by and join), after the definitions of h2oai/db-benchmark: no NULLs, unsorted.

usage: make-h2o.py ROWS FOLDER [GROUPS]     g1, x, small, medium and big as Parquet, snappy, 250,000 rows a group
"""
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

rows, folder = int(float(sys.argv[1])), sys.argv[2]
groups = int(sys.argv[3]) if len(sys.argv) > 3 else 100
random = np.random.default_rng(108)


def write(name, columns):
    path = os.path.join(folder, f"{name}.parquet")
    pq.write_table(pa.table(columns), path, compression="snappy", row_group_size=250_000)


def ints(numbers):
    return pa.array(numbers.astype(np.int32))


def names(numbers, form):
    """`form` of each number: the distinct texts are made once."""
    distinct, codes = np.unique(numbers, return_inverse=True)
    return pa.array([form % number for number in distinct]).take(pa.array(codes))


def floats(count):
    return pa.array(np.round(random.random(count) * 100, 6))


def upto(most, count=rows):
    return random.integers(1, most + 1, count)


def group_by_table():
    many = max(rows // groups, 1)
    write("g1", {
        "id1": names(upto(groups), "id%03d"),
        "id2": names(upto(groups), "id%03d"),
        "id3": names(upto(many), "id%010d"),
        "id4": ints(upto(groups)),
        "id5": ints(upto(groups)),
        "id6": ints(upto(many)),
        "v1": ints(upto(5)),
        "v2": ints(upto(15)),
        "v3": floats(rows),
    })


def key_split(count):
    """Keys of the left side and of the right side: nine tenths are common, a tenth is on one side only."""
    keys = random.permutation(int(count * 1.1) + 1) + 1
    common = max(count * 9 // 10, 1)
    only = max(count - common, 1)
    return (np.concatenate([keys[:common], keys[common:common + only]]),
            np.concatenate([keys[:common], keys[-only:]]))


def column(keys, count):
    """Every key at least once, if there is room; in a random order."""
    if count <= len(keys):
        return random.permutation(keys)[:count]
    return random.permutation(np.concatenate([keys, random.choice(keys, count - len(keys))]))


def join_tables():
    splits = {n: key_split(max(rows // divisor, 1)) for n, divisor in ((1, 1_000_000), (2, 1_000), (3, 1))}

    def table(count, own, side, value):
        ids = {n: column(splits[n][side], count) for n in own}
        columns = {f"id{n}": ints(keys) for n, keys in ids.items()}
        columns.update({f"id{n + 3}": names(keys, "id%d") for n, keys in ids.items()})
        columns[value] = floats(count)
        return columns

    write("x", table(rows, (1, 2, 3), 0, "v1"))
    write("small", table(max(rows // 1_000_000, 1), (1,), 1, "v2"))
    write("medium", table(max(rows // 1_000, 1), (1, 2), 1, "v2"))
    write("big", table(rows, (1, 2, 3), 1, "v2"))


group_by_table()
join_tables()
