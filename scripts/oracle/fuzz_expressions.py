"""Random expressions, aggregates and windows for fuzz_queries.py. `alt` is for what the two write differently."""
import dataclasses
import re

TEXTS = ["''", "'a'", "'ab'", "'B'", "'naïve'", "'日本'", "'m1'", "'m2'"]
PATTERNS = ["'a%'", "'%a%'", "'_'", "'%'", "''", "'m1%'", "'%b'", "'a_%'", "'%ï%'", "'日_'", "'%quick%fox'", "'_ '"]


def alt(spark, duck):
    return f'\x01{spark}\x02{duck}\x03'


@dataclasses.dataclass
class Named:
    text: str
    group: str
    small: bool
    distinct: int = 1


class Expressions:
    def __init__(self, rng):
        self.rng = rng

    def expression(self, group, names, depth):
        """An expression of a group over the names."""
        if depth <= 0 or self.rng.random() < 0.35:
            return self.leaf_of(group, names)
        if self.rng.random() < 0.3:
            return self.choice_of(group, names, depth)
        if group == 'bool':
            return f'({self.predicate(names, depth - 1)})'
        return getattr(self, f'{group}_call')(names, depth - 1)

    def leaf_of(self, group, names):
        fitting = [name for name in names if name.group == group]
        if fitting and self.rng.random() < 0.85:
            return self.rng.choice(fitting).text
        return self.literal(group)

    def small_of(self, group, names):
        fitting = [name for name in names if name.group == group and name.small]
        return self.rng.choice(fitting).text if fitting and self.rng.random() < 0.85 else self.literal(group)

    def literal(self, group):
        if self.rng.random() < 0.04:
            kind = {'int': 'INT', 'dec': 'DECIMAL(7,2)', 'dbl': 'DOUBLE', 'str': alt('STRING', 'VARCHAR'), 'date': 'DATE',
                    'ts': alt('TIMESTAMP_NTZ', 'TIMESTAMP'), 'bool': 'BOOLEAN'}[group]
            return f'CAST(NULL AS {kind})'
        choose = self.rng.choice
        if group == 'int':
            return choose(['0', '1', '2', '3', '7', '-1', '10'])
        if group == 'dec':
            return choose(['0.00', '1.50', '-2.25', '10.01', '0.5'])
        if group == 'dbl':
            return choose(['CAST(0 AS DOUBLE)', 'CAST(1.5 AS DOUBLE)', 'CAST(-2.25 AS DOUBLE)', 'CAST(100 AS DOUBLE)'])
        if group == 'str':
            return choose(TEXTS)
        if group == 'date':
            return choose(["DATE '2020-01-01'", "DATE '2019-12-25'", "DATE '2020-02-03'"])
        if group == 'ts':
            text = choose(['2020-01-01 00:00:00', '2020-01-02 03:00:00.5', '2019-12-31 23:00:00'])
            return alt(f"TIMESTAMP_NTZ '{text}'", f"TIMESTAMP '{text}'")
        return choose(['TRUE', 'FALSE'])

    def choice_of(self, group, names, depth):
        one, other = self.expression(group, names, depth - 1), self.expression(group, names, depth - 1)
        shape = self.rng.choice(['case', 'case', 'coalesce', 'nullif', 'greatest', 'simple'])
        if shape == 'case':
            end = self.rng.choice(['', f' ELSE {other}'])
            return f'CASE WHEN {self.predicate(names, depth - 1)} THEN {one}{end} END'
        if shape == 'simple':
            return f"CASE {self.leaf_of('int', names)} WHEN 1 THEN {one} WHEN 2 THEN {other} ELSE {one} END"
        if shape == 'greatest' and group != 'bool':
            return f"{self.rng.choice(['greatest', 'least'])}({one}, {other})"
        return f"{'nullif' if shape == 'nullif' else 'coalesce'}({one}, {other})"

    def int_call(self, names, depth):
        one, other = self.small_of('int', names), self.small_of('int', names)
        text, day = self.expression('str', names, depth), self.expression('date', names, depth)
        return self.rng.choice([
            f'({one} + {other})', f'({one} - {other})', f'({one} * {other})', f'(- {one})', f'abs({one})',
            f'({one} % 3)', f'length({text})', f'CAST({one} AS BIGINT)', f'CAST({one} AS INT)',
            f"extract({self.rng.choice(['year', 'month', 'day'])} FROM {day})",
            alt(f'datediff({day}, DATE \'2020-01-01\')', f'({day} - DATE \'2020-01-01\')'),
            f"CAST(CAST({one} AS {alt('STRING', 'VARCHAR')}) AS INT)",
            alt(f"locate('a', {text})", f"instr({text}, 'a')"),
            f'({one} * 2 + 1)',
        ])

    def dec_call(self, names, depth):
        one, other, whole = self.small_of('dec', names), self.small_of('dec', names), self.small_of('int', names)
        return self.rng.choice([
            f'({one} + {other})', f'({one} - {other})', f'({one} * {other})', f'({one} + {whole})', f'({whole} * {one})',
            f'(- {one})', f'abs({one})', f'CAST({whole} AS DECIMAL(18,2))', f'CAST({one} AS DECIMAL(20,4))',
        ])

    def dbl_call(self, names, depth):
        one, other, whole = self.small_of('dbl', names), self.small_of('dbl', names), self.small_of('int', names)
        return self.rng.choice([
            f'({one} + {other})', f'({one} - {other})', f'({one} * {other})', f'(- {one})', f'abs({one})',
            f'({one} + {whole})', f'CAST({whole} AS DOUBLE)', f'({whole} / 4)', f'({whole} / nullif({whole}, 0))',
            f'floor({one}) + CAST(0 AS DOUBLE)', f"CAST({self.small_of('dec', names)} AS DOUBLE)",
        ])

    def str_call(self, names, depth):
        one, other = self.expression('str', names, depth), self.expression('str', names, depth)
        text = alt('STRING', 'VARCHAR')
        return self.rng.choice([
            f'({one} || {other})', f'upper({one})', f'lower({one})', f'substring({one}, 1, 2)', f'substring({one}, 2)',
            f'trim({one})', f"replace({one}, 'a', 'xy')", f'reverse({one})', f'left({one}, 2)', f'right({one}, 1)',
            f"CAST({self.leaf_of('int', names)} AS {text})", f"CAST({self.leaf_of('dec', names)} AS {text})",
            f"CAST({self.leaf_of('date', names)} AS {text})", f"CAST({self.leaf_of('bool', names)} AS {text})",
            f"lpad({one}, 4, '*')", f'repeat({one}, 2)', f"rtrim({one})",
        ])

    def date_call(self, names, depth):
        day, ts = self.expression('date', names, depth), self.leaf_of('ts', names)
        return self.rng.choice([
            alt(f'date_add({day}, 3)', f'({day} + 3)'), alt(f'date_sub({day}, 40)', f'({day} - 40)'), f'CAST({ts} AS DATE)',
            f'last_day({day})', alt(f'add_months({day}, 1)', f'CAST({day} + INTERVAL 1 MONTH AS DATE)'),
            alt(f"CAST(trunc({day}, 'MM') AS DATE)", f"CAST(date_trunc('month', {day}) AS DATE)"),
        ])

    def ts_call(self, names, depth):
        ts = self.expression('ts', names, depth)
        return self.rng.choice([f'({ts} + INTERVAL 1 DAY)', f'({ts} - INTERVAL 90 MINUTE)', f'({ts} + INTERVAL 1 MONTH)',
                                f"CAST({self.leaf_of('date', names)} AS {alt('TIMESTAMP_NTZ', 'TIMESTAMP')})"])

    # Conditions

    def predicate(self, names, depth):
        pick = self.rng.random()
        if depth > 0 and pick < 0.35:
            one, other = self.predicate(names, depth - 1), self.predicate(names, depth - 1)
            return self.rng.choice([f'({one}) AND ({other})', f'({one}) OR ({other})', f'NOT ({one})', f'({one}) IS NOT NULL',
                                    f"({one}) IS {self.rng.choice(['', 'NOT '])}{self.rng.choice(['TRUE', 'FALSE'])}"])
        name = self.rng.choice(names)
        if name.group == 'str' and pick < 0.6:
            return f"{self.expression('str', names, depth)} {self.rng.choice(['', 'NOT '])}LIKE {self.rng.choice(PATTERNS)}"
        if name.group == 'bool' and pick < 0.6:
            return self.rng.choice([name.text, f'NOT {name.text}', f'{name.text} IS NULL', f'{name.text} = TRUE'])
        return self.compare_with(name.text, name.group, names, depth)

    def compare_with(self, text, group, names=(), depth=0):
        other = self.expression(group, names, depth)
        shape = self.rng.random()
        if group in ('int', 'dec', 'dbl') and shape < 0.12:
            other = self.expression(self.rng.choice(['int', 'dec', 'dbl']), names, depth)
        if shape < 0.5:
            return f"{text} {self.rng.choice(['=', '<>', '<', '<=', '>', '>='])} {other}"
        if shape < 0.6:
            return f"{text} IS {self.rng.choice(['', 'NOT '])}NULL"
        if shape < 0.7:
            return f"{text} IS {self.rng.choice(['', 'NOT '])}DISTINCT FROM {other}"
        if shape < 0.85:
            return f"{text} {self.rng.choice(['', 'NOT '])}BETWEEN {other} AND {self.expression(group, names, 0)}"
        values = [self.literal(group) for _ in range(self.rng.randint(1, 4))] + [other] * (self.rng.random() < 0.3)
        return f"{text} {self.rng.choice(['', 'NOT '])}IN ({', '.join(values)})"

    # Aggregates and windows

    def aggregate(self, names):
        text, group = self.plain_aggregate(names)
        if self.rng.random() < 0.2:
            text = f'{text} FILTER (WHERE {self.predicate(names, 1)})'
        return text, group

    def plain_aggregate(self, names):
        group = self.rng.choice(['int', 'int', 'dec', 'dbl', 'str', 'date', 'ts', 'bool'])
        shape = self.rng.random()
        distinct = 'DISTINCT ' if self.rng.random() < 0.25 else ''
        if shape < 0.15:
            return 'count(*)', 'int'
        if shape < 0.3:
            return f'count({distinct}{self.expression(group, names, 1)})', 'int'
        if group == 'bool':
            condition = self.predicate(names, 1)
            count = alt(f'count_if({condition})', f'count(CASE WHEN {condition} THEN 1 END)')
            return self.rng.choice([(count, 'int'), (f'bool_and({condition})', 'bool'),
                                    (f'bool_or({condition})', 'bool')])
        ids = [name.text for name in names if name.text.endswith('.id')]
        if ids and shape < 0.36 and len({name.text.split('.')[0] for name in names}) == 1:
            other = {'int': '7', 'dec': '0.5', 'dbl': 'CAST(1.5 AS DOUBLE)', 'str': "'a'", 'date': "DATE '2020-01-01'"}
            group = group if group in other else 'int'
            text = f'coalesce({self.small_of(group, names)}, {other[group]})'  # DuckDB passes over rows with NULL
            return f"{self.rng.choice(['max_by', 'min_by'])}({text}, {ids[0]})", group
        if shape < 0.6 or group not in ('int', 'dec', 'dbl'):
            return f"{self.rng.choice(['min', 'max'])}({self.expression(group, names, 1)})", group
        argument = self.small_of(group, names)
        if shape < 0.85:
            return f'sum({distinct}{argument})', group
        if shape < 0.93:
            return f'avg({distinct}CAST({argument} AS DOUBLE))', 'dbl'
        call = self.rng.choice(['stddev_samp', 'var_pop', 'stddev_pop', 'var_samp'])
        return f'{call}(CAST({argument} AS DOUBLE))', 'dbl'

    def window(self, names):
        parts = self.rng.sample(names, min(len(names), self.rng.choice([0, 1, 1, 2])))
        partition = f"PARTITION BY {', '.join(name.text for name in parts)} " if parts else ''
        keys = self.rng.sample(names, min(len(names), self.rng.choice([1, 1, 2])))
        order = 'ORDER BY ' + ', '.join(self.order_key(name.text) for name in keys)
        full = 'ORDER BY ' + ', '.join(self.order_key(name.text) for name in names)
        shape = self.rng.choice(['rank', 'number', 'shift', 'value', 'sum', 'sum', 'range'])
        if shape == 'rank':
            call, group = self.rng.choice([('rank()', 'int'), ('dense_rank()', 'int'), ('percent_rank()', 'dbl'), ('cume_dist()', 'dbl')])
            return f'{call} OVER ({partition}{order})', group
        if shape == 'number':
            return f"{self.rng.choice(['row_number()', 'ntile(3)', 'ntile(2)'])} OVER ({partition}{full})", 'int'
        name = self.rng.choice(names)
        if shape == 'shift':
            ignore = ' IGNORE NULLS' if self.rng.random() < 0.2 else ''
            call = f"{self.rng.choice(['lag', 'lead'])}({name.text}, {self.rng.choice([1, 1, 2, 0])}"
            return alt(f'{call}){ignore}', f'{call}{ignore})') + f' OVER ({partition}{full})', name.group
        if shape == 'value':
            call = self.rng.choice([f'first_value({name.text}', f'last_value({name.text}', f'nth_value({name.text}, 2'])
            ignore = ' IGNORE NULLS' if self.rng.random() < 0.3 else ''
            return alt(f'{call}){ignore}', f'{call}{ignore})') + f' OVER ({partition}{full} {self.rows_frame()})', name.group
        text, group = self.plain_aggregate(names)
        if 'DISTINCT' in text:
            text, group = 'count(*)', 'int'
        filtered = f' FILTER (WHERE {self.predicate(names, 0)})' if self.rng.random() < 0.15 else ''
        if shape == 'range':
            numbers = [name for name in names if name.group in ('int', 'dbl', 'date', 'ts') and name.small]
            if numbers:
                key = self.rng.choice(numbers)
                frame = self.range_frame()
                if key.group in ('date', 'ts'):
                    frame = re.sub(r'\b(\d+)', r'INTERVAL \1 DAY', frame)
                return f'{text}{filtered} OVER ({partition}ORDER BY {self.order_key(key.text)} {frame})', group
        frame = self.rng.choice(['', '', 'ROWS', 'whole'])
        if frame == 'ROWS':
            return f'{text}{filtered} OVER ({partition}{full} {self.rows_frame()})', group
        return f"{text}{filtered} OVER ({partition}{order if frame == '' else ''})", group

    def order_key(self, text):
        return f"{text} {self.rng.choice(['ASC', 'DESC'])} NULLS {self.rng.choice(['FIRST', 'LAST'])}"

    def rows_frame(self):
        return 'ROWS BETWEEN ' + self.rng.choice([
            'UNBOUNDED PRECEDING AND CURRENT ROW', '1 PRECEDING AND 1 FOLLOWING', '2 PRECEDING AND 1 PRECEDING',
            'CURRENT ROW AND UNBOUNDED FOLLOWING', '1 FOLLOWING AND 3 FOLLOWING', 'UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
            '3 PRECEDING AND CURRENT ROW'])

    def range_frame(self):
        return 'RANGE BETWEEN ' + self.rng.choice([
            'UNBOUNDED PRECEDING AND CURRENT ROW', '1 PRECEDING AND 1 FOLLOWING', '10 PRECEDING AND CURRENT ROW',
            'CURRENT ROW AND UNBOUNDED FOLLOWING', '2 FOLLOWING AND 5 FOLLOWING', 'CURRENT ROW AND 3 FOLLOWING'])
