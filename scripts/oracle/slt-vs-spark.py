#!/usr/bin/env python3
"""Runs the SQL logic tests (tests/sql/**/*.slt) on a real Spark and compares every answer.

  slt-vs-spark.py [--record] [FILE.slt or folder]...

Without files: all of tests/sql. One Spark runs all files, in ANSI mode with a UTC session; each file gets its
own session, its own $FOLDER, and tables are dropped behind it. Rows are compared as Spark casts each column to
string, errors by their condition. A record with a comment line `# departure: WHY` right above it is run but not
compared, one with `# not in Spark: WHY` is not run; both are counted. `--record` writes Spark's answers into the
files: rows, the condition after `statement error`, and a head for blocks of SQL that have none yet.
Exit 0: all agree.
"""
import argparse
import logging
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADS = ('statement ok', 'statement error', 'query')


def main():
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument('--record', action='store_true')
    parser.add_argument('paths', nargs='*', type=pathlib.Path, default=[ROOT / 'tests/sql'])
    options = parser.parse_args()
    files = sorted(file for path in options.paths for file in (path.rglob('*.slt') if path.is_dir() else [path]))
    counts = {'records': 0, 'equal': 0, 'departures': 0, 'not run': 0, 'different': 0}
    spark = start_spark()
    for file in files:
        run_file(spark, file, options.record, counts)
    print(f'{len(files)} files: ' + ', '.join(f'{count} {name}' for name, count in counts.items()))
    sys.exit(1 if counts['different'] else 0)


def start_spark():
    from pyspark.sql import SparkSession
    builder = SparkSession.builder.master('local[2]').appName('slt')
    warehouse = tempfile.mkdtemp(prefix='slt-spark-warehouse-')
    for key, value in {
        'spark.sql.ansi.enabled': 'true', 'spark.sql.session.timeZone': 'UTC', 'spark.ui.enabled': 'false',
        'spark.driver.memory': '2g', 'spark.sql.shuffle.partitions': '2',
        'spark.driver.bindAddress': '127.0.0.1', 'spark.sql.warehouse.dir': warehouse,
        'spark.log.level': 'OFF', 'spark.ui.showConsoleProgress': 'false',
        'spark.driver.extraJavaOptions': '-Duser.timezone=UTC',
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel('OFF')
    logging.disable(logging.CRITICAL)  # PySpark logs every error that a test expects
    return session


def run_file(spark, file, record, counts):
    """Runs the blocks of a file in a session of its own and compares, or writes what came."""
    blocks = re.split(r'\n\s*\n', file.read_text(encoding='utf-8').strip('\n'))
    session = spark.newSession()
    written = []
    with tempfile.TemporaryDirectory(prefix='slt-spark-') as folder:
        for block in blocks:
            comments, head, sql, expected = parse_block(block)
            if sql == '':
                written.append(block)
                continue
            counts['records'] += 1
            if any(line.startswith('# not in Spark:') for line in comments):
                counts['not run'] += 1
                written.append(block)
                continue
            answer = run_statement(session, sql.replace('$FOLDER', folder))
            if any(line.startswith('# departure:') for line in comments):
                counts['departures'] += 1
                written.append(block)
            elif record:
                written.append('\n'.join(comments + record_block(head, sql, answer)))
            else:
                fault = compare(head, expected, answer)
                counts['different' if fault else 'equal'] += 1
                if fault:
                    print(f'{file}: {sql}\n{fault}\n')
    for table in spark.sql('SHOW TABLES IN default').collect():
        kind = 'TABLE' if spark.catalog.getTable('default.' + table.tableName).tableType != 'VIEW' else 'VIEW'
        spark.sql(f'DROP {kind} IF EXISTS default.`{table.tableName}`')
    if record:
        file.write_text('\n\n'.join(written) + '\n', encoding='utf-8')


def parse_block(block):
    """Comments above, head line ('' if missing), SQL, expected rows."""
    lines = block.split('\n')
    at = 0
    while at < len(lines) and lines[at].startswith('#'):
        at += 1
    comments, lines = lines[:at], lines[at:]
    head = lines.pop(0) if lines and lines[0].startswith(HEADS) else ''
    end = lines.index('----') if '----' in lines else len(lines)
    return comments, head, '\n'.join(lines[:end]), lines[end + 1:]


def run_statement(session, sql):
    """('rows', lines), ('error', condition, message), or ('ok',) for a command without rows."""
    try:
        frame = session.sql(sql)
        if not frame.columns:
            return ('ok',)
        names = [f'c{index}' for index in range(len(frame.columns))]
        texts = frame.toDF(*names).selectExpr(*(f'CAST({name} AS STRING)' for name in names))
        return 'rows', [line_of(row) for row in texts.collect()]
    except Exception as error:  # py4j and PySpark have many classes; the condition is what counts
        return 'error', condition_of(error), str(error).split('\n')[0][:300]


def line_of(row):
    cells = ['NULL' if text is None else text.replace('\n', '\\n') or '(empty)' for text in row]
    return ('\t' if any(' ' in cell for cell in cells) else ' ').join(cells)


def condition_of(error):
    condition = error.getCondition() if hasattr(error, 'getCondition') else None
    if condition is None:
        found = re.search(r'\[([A-Z][A-Z_0-9.]+)\]', str(error))
        condition = found.group(1) if found else type(error).__name__
    return condition


def compare(head, expected, answer):
    if head.startswith('statement error'):
        wanted = (head.split() + ['', '', ''])[2]
        if answer[0] == 'error' and wanted in ('', answer[1], answer[1].split('.')[0]):
            return None
        return f'  expected error {wanted}\n  Spark          {answer}'
    if answer[0] == 'error':
        return f'  Spark fails: {answer[1]} {answer[2]}'
    if head == 'statement ok':
        return None
    rows = answer[1] if answer[0] == 'rows' else []
    if 'rowsort' in head:
        rows, expected = sorted(rows), sorted(expected)
    return None if rows == expected else f'  expected {expected}\n  Spark    {rows}'


def record_block(head, sql, answer):
    """A block with Spark's answer."""
    if answer[0] == 'error':
        return [f'statement error {answer[1].split(".")[0]}', sql]
    if answer[0] == 'ok' or head == 'statement ok' or re.match(r'(?i)\s*(create|insert|drop|set|truncate)\b', sql):
        return ['statement ok', sql]
    rows = answer[1]
    if not head.startswith('query'):
        head = 'query' if len(rows) < 2 or has_order(sql) else 'query rowsort'
    return [head, sql, '----'] + (sorted(rows) if 'rowsort' in head else rows)


def has_order(sql):
    """Whether ORDER BY stands outside of all parentheses."""
    depth, outside = 0, ''
    for char in sql:
        depth += (char == '(') - (char == ')')
        outside += char if depth == 0 and char not in '()' else ' '
    return re.search(r'(?i)\border\s+by\b', outside) is not None or re.match(r'(?i)\s*(show|desc|explain)', sql) is not None


if __name__ == '__main__':
    main()
