"""Compares expressions in Spark and in Millrace: type and text of each, or the condition of its error.

    VENV/bin/python scripts/oracle/functions-vs-spark.py [--answers FILE] [--slt] [FAMILY...]

A family is a file tests/oracle-data/functions/FAMILY.txt with one expression a line, or a SELECT of texts. `--answers` keeps what Spark
said, so that it is asked only about what is new. `--slt` writes the expressions on which both agree to
tests/sql/functions/FAMILY.slt, with Spark's answers. Needs a build (`npm run build`).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / 'tests/oracle-data/functions'


def query(expression):
    if expression.startswith('SELECT '):
        return expression
    return f'SELECT typeof({expression}), CAST({expression} AS STRING)'


def ask_spark(expressions):
    from pyspark.sql import SparkSession
    builder = SparkSession.builder.master('local[1]').appName('functions-vs-spark')
    settings = {
        'spark.sql.ansi.enabled': 'true', 'spark.sql.session.timeZone': 'UTC', 'spark.ui.enabled': 'false',
        'spark.driver.bindAddress': '127.0.0.1', 'spark.log.level': 'OFF', 'spark.ui.showConsoleProgress': 'false',
        'spark.driver.extraJavaOptions': '-Duser.timezone=UTC', 'spark.sql.codegen.wholeStage': 'false',
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    answers = {}
    for expression in expressions:
        try:
            answers[expression] = [list(row) for row in spark.sql(query(expression)).collect()]
        except Exception as error:
            condition = error.getCondition() if hasattr(error, 'getCondition') else None
            answers[expression] = {'error': condition or str(error).split('\n')[0][:200]}
    spark.stop()
    return answers


def ask_millrace(expressions):
    program = ['node', str(ROOT / 'dist/cli/main.js'), 'sql', '--protocol', 'jsonl', '--time-zone', 'UTC',
               '--memory', '512m', '--master', 'local[1]']
    text = ''.join(f'{query(expression)};\n' for expression in expressions)
    result = subprocess.run(program, input=text, capture_output=True, text=True, check=False)
    answers = {}
    lines = result.stdout.splitlines()
    for expression, line in zip(expressions, lines):
        answer = json.loads(line)
        answers[expression] = (answer['rows'] if answer['ok']
                               else {'error': answer['code'], 'message': answer['message']})
    if len(lines) != len(expressions):
        print(f'{len(expressions)} statements, {len(lines)} answers: {result.stderr[-2000:]}')
    return answers


def agree(spark, millrace):
    if isinstance(spark, dict) and isinstance(millrace, dict):
        return spark['error'].split('.')[0] == millrace['error'] or len(spark['error'].split(' ')) > 1
    return spark == millrace


def row_text(row):
    cells = ['NULL' if cell is None else '(empty)' if cell == '' else cell.replace('\n', '\\n') for cell in row]
    return ('\t' if any(' ' in cell for cell in cells) else ' ').join(cells)


def slt_text(family, spark, millrace):
    parts = [f'# {family}: answers of Spark 4 in ANSI mode, by scripts/oracle/functions-vs-spark.py.\n']
    for expression, answer in spark.items():
        if not agree(answer, millrace[expression]):
            continue
        if isinstance(answer, dict):
            parts.append(f'statement error {millrace[expression]["error"]}\n{query(expression)}\n')
            continue
        rows = '\n'.join(map(row_text, answer))
        parts.append(f'query {"T" * len(answer[0])}\n{query(expression)}\n----\n{rows}\n')
    return '\n'.join(parts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('families', nargs='*')
    parser.add_argument('--answers', type=pathlib.Path)
    parser.add_argument('--slt', action='store_true')
    options = parser.parse_args()
    families = options.families or sorted(path.stem for path in DATA.glob('*.txt'))
    wanted = {family: [line for line in (DATA / f'{family}.txt').read_text().splitlines() if line] for family in families}
    known = json.loads(options.answers.read_text()) if options.answers and options.answers.exists() else {}
    missing = [each for family in families for each in wanted[family] if each not in known]
    if missing:
        known.update(ask_spark(missing))
        if options.answers:
            options.answers.write_text(json.dumps(known, indent=0, ensure_ascii=False))
    wrong = 0
    for family in families:
        millrace = ask_millrace(wanted[family])
        spark = {expression: known[expression] for expression in wanted[family]}
        for expression, answer in spark.items():
            if not agree(answer, millrace.get(expression)):
                wrong += 1
                print(f'{family}: {expression}\n    spark    {answer}\n    millrace {millrace.get(expression)}')
        if options.slt:
            target = ROOT / f'tests/sql/functions/{family}.slt'
            os.makedirs(target.parent, exist_ok=True)
            target.write_text(slt_text(family, spark, millrace))
    total = sum(map(len, wanted.values()))
    print(f'{total - wrong} of {total} expressions agree')
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
