#!/usr/bin/env python3
"""Outside answers to the retail definitions, and a real Spark as judge of our spelling of them.

  retail-truth.py --retail DIR --out DIR [--sql DIR] [--engine duckdb|spark|both] [--only NAME]...

--retail  folder with online-retail.parquet, activity.jsonl.gz, completejourney/ and truth/
--sql     folder with NAME.sql and setup/*.sql (default: examples/retail/sql of this checkout)
--out     gets truth/NAME.csv (DuckDB, from truth/definitions.sql) and spark/NAME.csv (Spark, from our files)

DuckDB runs the definitions as they are written and must repeat the given truth/*.csv byte for byte. Spark
runs our files in ANSI mode with a UTC session. Both write one style of CSV, and every cell must agree.
Needs duckdb, pyarrow and (for Spark) pyspark with Java 17; see the README. Exit 0: all agree.
"""
import argparse
import csv
import datetime
import decimal
import gzip
import json
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAMPAIGN_FILES = ('campaign_descriptions', 'campaigns', 'coupon_redemptions')

# The fields of a clickstream record: name, JSON types, whether null is allowed, allowed values.
FIELDS = [
    ('event_id', str, False, None), ('user_id', int, False, None), ('session_id', str, False, None),
    ('event_type', str, False, {'view', 'add_to_cart', 'checkout', 'purchase'}), ('sku', str, True, None),
    ('invoice_no', int, True, None), ('country', str, False, None),
    ('device', str, False, {'desktop', 'mobile', 'tablet'}), ('campaign', str, True, None),
    ('timestamp', str, False, None),
]


def main():
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument('--retail', type=pathlib.Path, required=True)
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--sql', type=pathlib.Path, default=ROOT / 'examples/retail/sql')
    parser.add_argument('--engine', choices=['duckdb', 'spark', 'both'], default='both')
    parser.add_argument('--only', action='append', default=[], metavar='NAME')
    options = parser.parse_args()
    setup, definitions = read_definitions(options.retail / 'truth/definitions.sql')
    if options.only:
        definitions = {name: text for name, text in definitions.items() if name in options.only}
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        inputs = prepare_inputs(options.retail, pathlib.Path(scratch))
        if options.engine != 'spark':
            wrong += run_duckdb(options, setup, definitions, inputs)
        if options.engine != 'duckdb':
            wrong += run_spark(options, definitions, inputs, pathlib.Path(scratch) / 'warehouse')
    sys.exit(1 if wrong else 0)


def read_definitions(path):
    """Splits the file at its `-- name:` lines: the text of `_setup`, and the queries by name."""
    parts = re.split(r'^-- name: (\S+)$', path.read_text(encoding='utf-8'), flags=re.M)
    queries = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2])}
    return queries.pop('_setup'), queries


def prepare_inputs(retail, scratch):
    """Parquet files that both engines read: valid, deduplicated activity; campaign files with microseconds
    (Spark does not read nanosecond timestamps)."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    rows, counts = read_activity(retail / 'activity.jsonl.gz')
    print(f'activity: {counts}')
    types = {'user_id': pa.int64(), 'invoice_no': pa.int64(), 'ts': pa.timestamp('us')}
    names = [name for name, *_ in FIELDS[:-1]] + ['ts']
    schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
    inputs = {'transactions': retail / 'online-retail.parquet', 'activity': scratch / 'activity.parquet'}
    pq.write_table(pa.Table.from_pylist(rows, schema), inputs['activity'])
    for name in CAMPAIGN_FILES:
        inputs[name] = scratch / f'{name}.parquet'
        table = pq.read_table(retail / 'completejourney' / f'{name}.parquet').replace_schema_metadata(None)
        pq.write_table(table, inputs[name], coerce_timestamps='us')
    return inputs


def read_activity(path):
    """The valid records, one for each event_id (the first), and how many lines were of which kind."""
    seen, rows, counts = set(), [], {'lines': 0, 'duplicate': 0, 'malformed': 0, 'accepted': 0}
    with gzip.open(path, 'rb') as lines:
        for line in lines:
            counts['lines'] += 1
            row = parse_event(line)
            kind = 'malformed' if row is None else 'duplicate' if row['event_id'] in seen else 'accepted'
            counts[kind] += 1
            if kind == 'accepted':
                seen.add(row['event_id'])
                rows.append(row)
    return rows, counts


def parse_event(line):
    try:
        value = json.loads(line)
        row = {}
        for name, kind, nullable, allowed in FIELDS:
            field = value[name]
            if not (type(field) is kind or (field is None and nullable)):
                return None
            if allowed is not None and field not in allowed:
                return None
            row[name] = field
        row['ts'] = datetime.datetime.strptime(row.pop('timestamp'), '%Y-%m-%d %H:%M:%S')
        return row
    except (ValueError, KeyError, TypeError):
        return None


def run_duckdb(options, setup, definitions, inputs):
    import os
    import duckdb
    out = options.out / 'truth'
    out.mkdir(parents=True, exist_ok=True)
    session = duckdb.connect()
    session.execute('SET threads = 1')  # Sums of doubles then have one order.
    session.execute(f"CREATE TABLE activity AS SELECT * FROM '{inputs['activity']}'")
    retail, here = options.retail.resolve(), os.getcwd()
    definitions_out = out.resolve()
    os.chdir(retail)
    try:
        session.execute(setup)
        for name, text in definitions.items():
            os.chdir(retail / 'completejourney' if 'completejourney' in name else retail)
            write_csv(definitions_out / f'{name}.csv', session.execute(text.rstrip(';\n ')))
    finally:
        os.chdir(here)
    wrong = 0
    for given in sorted((options.retail / 'truth').glob('*.csv')):
        made = out / given.name
        if given.stem in definitions and made.read_bytes() != given.read_bytes():
            wrong += 1
            print(f'DUCKDB DIFFERS from given {given.name}: {first_difference(given, made)}')
    print(f'duckdb: {len(definitions)} answers, {wrong} given ones not repeated')
    return wrong


def write_csv(path, cursor):
    """`cursor` is DuckDB's after execute()."""
    write_rows(path, [column[0] for column in cursor.description], cursor.fetchall())


def write_rows(path, names, rows):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(names)
        writer.writerows([cell(value) for value in row] for row in rows)


def cell(value):
    """NULL is empty, a timestamp `YYYY-MM-DD HH:MM:SS[.ffffff]`, a decimal keeps its scale, a double is the
    shortest text that reads back, with at least one digit after the point."""
    if value is None:
        return ''
    if isinstance(value, datetime.datetime):
        fraction = f'.{value.microsecond:06d}' if value.microsecond else ''
        return value.strftime('%Y-%m-%d %H:%M:%S') + fraction
    if isinstance(value, decimal.Decimal):
        return format(value, 'f')
    return repr(value) if isinstance(value, float) else str(value)


def run_spark(options, definitions, inputs, warehouse):
    out = options.out / 'spark'
    out.mkdir(parents=True, exist_ok=True)
    session = start_spark(warehouse)
    for name, path in inputs.items():
        view = 'incoming_transactions' if name == 'transactions' else name
        session.read.parquet(str(path)).createOrReplaceTempView(view)
    for path in sorted((options.sql / 'setup').glob('*.sql')):
        session.sql(path.read_text(encoding='utf-8').strip().rstrip(';'))
    wrong = 0
    for name in definitions:
        try:
            frame = session.sql((options.sql / f'{name}.sql').read_text(encoding='utf-8').strip().rstrip(';'))
            write_rows(out / f'{name}.csv', frame.columns, [tuple(row) for row in frame.collect()])
            problem = first_difference(options.out / 'truth' / f'{name}.csv', out / f'{name}.csv')
        except Exception as error:  # Any failure is a result of this run; the others still count.
            problem = f'{type(error).__name__}: {str(error).splitlines()[0]}'
        wrong += problem is not None
        print(f'{name}: {problem or "agrees"}')
    extra = sorted({path.stem for path in options.sql.glob('*.sql')} - set(definitions))
    if extra and not options.only:
        print(f'files without a definition: {extra}')
    session.stop()
    print(f'spark: {len(definitions) - wrong} of {len(definitions)} agree')
    return wrong + (0 if options.only else len(extra))


def start_spark(warehouse):
    from pyspark.sql import SparkSession
    builder = SparkSession.builder.master('local[2]').appName('retail-truth')
    settings = {
        'spark.sql.ansi.enabled': 'true', 'spark.sql.session.timeZone': 'UTC', 'spark.ui.enabled': 'false',
        'spark.driver.memory': '2g', 'spark.sql.shuffle.partitions': '2',
        'spark.driver.bindAddress': '127.0.0.1', 'spark.sql.warehouse.dir': str(warehouse),
        'spark.log.level': 'OFF', 'spark.ui.showConsoleProgress': 'false',
        'spark.driver.extraJavaOptions': '-Duser.timezone=UTC',
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


# Spark adds the doubles of a bucketed table in an order of its own: the last of six digits of an average may differ.
ORDER_DEPENDENT = {'004_01_unit_price_per_customer': 0.0000011}


def first_difference(expected, actual):
    """None, or where the two CSV files part: row 0 is the header."""
    wanted, got = read_csv(expected), read_csv(actual)
    cells = [
        (row, wanted[0][column], a, b)
        for row, (x, y) in enumerate(zip(wanted, got)) if x != y
        for column, (a, b) in enumerate(zip(x, y)) if a != b and not is_near(a, b, actual)
    ]
    if len(wanted) != len(got):
        return f'{len(wanted) - 1} rows expected, {len(got) - 1} found; first cells {cells[:2]}'
    if cells:
        row, column, a, b = cells[0]
        return f'{len(cells)} cells differ; row {row} column "{column}": expected {a!r}, found {b!r}'
    return None if [len(row) for row in wanted] == [len(row) for row in got] else 'rows of different width'


def is_near(a, b, path):
    near = ORDER_DEPENDENT.get(path.stem) if path.parent.name == 'spark' else None
    return near is not None and a != '' and b != '' and abs(float(a) - float(b)) <= near


def read_csv(path):
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.reader(file))


if __name__ == '__main__':
    main()
