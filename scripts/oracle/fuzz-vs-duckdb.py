#!/usr/bin/env python3
"""Random queries over random tables, answered by Millrace and by DuckDB, and compared.

  fuzz-vs-duckdb.py [--seed N] [--queries N] [--seconds N] [--rows N] [--only K] [--main FILE] [--no-shrink]

Every 60 queries get new tables (fuzz_tables.py) and a new Millrace; queries are of fuzz_queries.py, in what Spark's
ANSI mode and DuckDB both promise. Query K of seed N is always the same; `--only K` runs it alone and prints both answers.
Rows are compared as multisets, or in order if every column is ordered by; integers, decimals and texts exactly,
doubles to nine digits. A query that DuckDB refuses is skipped; one that only Millrace refuses is counted by its
message, an INTERNAL_ERROR is a fault. For a difference the tables are cut down while it stays. Exit 1 on faults.
"""
import argparse
import collections
import decimal
import json
import math
import pathlib
import random
import select
import subprocess
import sys
import tempfile
import threading
import time

import duckdb

import fuzz_queries
import fuzz_tables

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUND = 60
ANSWER_SECONDS = 20
SLOW_SECONDS = 5


def main():
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument('--seed', type=int, default=random.randrange(1_000_000))
    parser.add_argument('--queries', type=int, default=300)
    parser.add_argument('--seconds', type=float, default=math.inf, help='stop after so long')
    parser.add_argument('--rows', type=int, default=70_000, help='of the largest table; with 300, more queries a second')
    parser.add_argument('--only', type=int)
    parser.add_argument('--main', type=pathlib.Path, default=ROOT / 'dist/cli/main.js')
    parser.add_argument('--no-shrink', action='store_true')
    options = parser.parse_args()
    print(f'seed {options.seed}', flush=True)
    counts, refusals = collections.Counter(), collections.Counter()
    until = time.monotonic() + options.seconds
    numbers = range(options.queries) if options.only is None else [options.only]
    for first in sorted({number // ROUND * ROUND for number in numbers}):
        if time.monotonic() < until:
            chosen = [number for number in numbers if first <= number < first + ROUND]
            run_round(options, first, chosen, until, counts, refusals)
    print(f'seed {options.seed}: ' + ', '.join(f'{count} {name}' for name, count in sorted(counts.items())))
    for message, count in refusals.most_common(30):
        print(f'  {count} x {message}')
    sys.exit(1 if counts['different'] + counts['internal errors'] else 0)


def run_round(options, first, numbers, until, counts, refusals):
    """Queries [first, first + ROUND) share their tables and one Millrace."""
    rng = random.Random(f'{options.seed}/{first}')
    with tempfile.TemporaryDirectory(prefix='fuzz-') as folder:
        tables = fuzz_tables.make_tables(rng, pathlib.Path(folder), options.rows)
        duck = duckdb.connect(config={'threads': 2})
        for table in tables:
            duck.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{table.path}')")
        mill = Millrace(options.main, tables, rng.choice(['local[2]', 'local[2]', 'local[1]']))
        try:
            for number in numbers:
                if time.monotonic() > until:
                    break
                query = fuzz_queries.make_query(random.Random(f'{options.seed}/{number}/query'), tables)
                fault = check(duck, mill, query, counts, refusals, options.only is not None)
                if fault:
                    print(f'\n=== seed {options.seed} query {number} ({mill.master}): {fault}', flush=True)
                    print(f'{query.spark}\n--- DuckDB\n{query.duck}' if query.duck != query.spark else query.spark)
                    if not options.no_shrink:
                        shrink(duck, mill, query, tables, pathlib.Path(folder))
        finally:
            mill.stop()


def check(duck, mill, query, counts, refusals, talk):
    """Runs a query on both; gives what is wrong, or None."""
    counts['queries'] += 1
    start = time.monotonic()
    theirs, fault = ask_duck(duck, query)
    if fault == 'INTERRUPT Error: Interrupted!':
        counts['too much'] += 1
        return None
    between = time.monotonic()
    ours = mill.ask(query.spark)
    end = time.monotonic()
    if end - start > SLOW_SECONDS:
        print(f'slow: DuckDB {between - start:.1f} s, Millrace {end - between:.1f} s: {query.spark}', flush=True)
    if talk:
        print(query.spark, '\n--- DuckDB:', fault or theirs[:50], '\n--- Millrace:', ours.get('rows', ours))
    if not ours['ok']:
        line = f"{ours['code']}: {ours['message']}"
        if ours['code'] in ('INTERNAL_ERROR', 'TIMEOUT'):
            counts['internal errors'] += 1
            return line
        if fault is None:
            counts['refused'] += 1
            refusals[line[:200]] += 1
        return None
    if fault is not None:
        counts['skipped'] += 1
        refusals[f'DuckDB: {fault[:160]}'] += 1
        return None
    difference = compare(theirs, canonical(ours), query.ordered)
    counts['different' if difference else 'equal'] += 1
    return difference


def ask_duck(duck, query):
    alarm = threading.Timer(SLOW_SECONDS, duck.interrupt)
    alarm.start()
    try:
        return duck.execute(query.duck).fetchall(), None
    except duckdb.Error as error:
        return None, str(error).splitlines()[0]
    finally:
        alarm.cancel()


def canonical(answer):
    """Rows of the protocol as Python values; decimals and floats by the type of their column."""
    return [tuple(value_of(value, kind) for value, kind in zip(row, answer['types'])) for row in answer['rows']]


def value_of(value, kind):
    if value is None:
        return None
    if kind.startswith('decimal'):
        return decimal.Decimal(value)
    if kind in ('double', 'float'):
        return float(value)
    return int(value) if kind == 'bigint' else value


def plain(value):
    """A value of either side; dates and timestamps as their text."""
    if hasattr(value, 'isoformat'):
        text = value.isoformat(' ') if hasattr(value, 'hour') else value.isoformat()
        return text.rstrip('0') if '.' in text else text
    return value


def sort_key(row):
    key = []
    for value in row:
        if value is None:
            key.append((0, 0, ''))
        elif isinstance(value, (bool, int, float, decimal.Decimal)):
            number = float(value)
            key.append((2, 0, '') if math.isnan(number) else (1, float(f'{number + 0.0:.8g}'), ''))
        else:
            key.append((3, 0, str(value)))
    return key


def compare(theirs, ours, ordered):
    """What differs first, or None."""
    theirs, ours = [tuple(map(plain, row)) for row in theirs], [tuple(map(plain, row)) for row in ours]
    if len(theirs) != len(ours):
        extra = list((collections.Counter(map(repr, ours)) - collections.Counter(map(repr, theirs))).items())[:3]
        lost = list((collections.Counter(map(repr, theirs)) - collections.Counter(map(repr, ours))).items())[:3]
        return f'{len(theirs)} rows of DuckDB, {len(ours)} of Millrace\n  too many: {extra}\n  missing: {lost}'
    if not ordered:
        theirs, ours = sorted(theirs, key=sort_key), sorted(ours, key=sort_key)
    for place, (left, right) in enumerate(zip(theirs, ours)):
        if len(left) != len(right) or not all(map(same, left, right)):
            return f'row {place} of {len(theirs)}\n  DuckDB:   {left}\n  Millrace: {right}'
    return None


def same(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
        return math.isnan(left) and math.isnan(right) or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def shrink(duck, mill, query, tables, folder):
    """Cuts rows off the tables while the answers still differ, and prints what is left."""
    used = [table for table in tables if f' {table.name} ' in query.spark]
    rows = {table.name: table.data for table in used}
    trials, until = 0, time.monotonic() + 15
    for table in used:
        step = max(1, rows[table.name].num_rows // 2)
        while step > 0 and time.monotonic() < until:
            at, cut = 0, False
            while at < rows[table.name].num_rows and time.monotonic() < until:
                data, trials = rows[table.name], trials + 1
                rest = fuzz_tables.without(data, at, step)
                if differs(duck, mill, query, {**rows, table.name: rest}, folder / f'trial{trials}'):
                    rows[table.name], cut = rest, True
                else:
                    at += step
            step = step // 2 if not cut or step > 1 else 0
    for name, data in rows.items():
        print(f'--- {name}: {data.num_rows} rows')
        if data.num_rows <= 8:
            print('  ' + ', '.join(f'{field.name} {field.type}' for field in data.schema))
            for row in data.to_pylist():
                print('  ', tuple(map(str, map(plain, row.values()))))


def differs(duck, mill, query, rows, folder):
    spark, duck_sql = query.spark, query.duck
    folder.mkdir()
    for name, data in rows.items():
        path = folder / f'{name}.parquet'
        fuzz_tables.write(data, path, {})
        spark = spark.replace(f' {name} ', f' parquet.`{path}` ')
        duck_sql = duck_sql.replace(f' {name} ', f" read_parquet('{path}') ")
    return check(duck, mill, fuzz_queries.Query(spark, duck_sql, query.ordered), collections.Counter(),
                 collections.Counter(), False) is not None


class Millrace:
    """A process that answers statements, one JSON line each."""

    def __init__(self, main_file, tables, master):
        self.master = master
        command = ['node', str(main_file), 'sql', '--protocol', 'jsonl', '--time-zone', 'UTC', '--master', master]
        for table in tables:
            command += ['-t', f'{table.name}={table.path}']
        self.command = command
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, sql):
        self.process.stdin.write(f'{sql};\n'.encode())
        self.process.stdin.flush()
        if select.select([self.process.stdout], [], [], ANSWER_SECONDS)[0]:
            line = self.process.stdout.readline()
            if line:
                return json.loads(line)
        dead = self.process.poll()
        self.stop()
        self.start()
        message = f'no answer in {ANSWER_SECONDS} s' if dead is None else f'the process ended with {dead}'
        return {'ok': False, 'code': 'TIMEOUT', 'message': message}

    def stop(self):
        self.process.kill()
        self.process.wait()


if __name__ == '__main__':
    main()
