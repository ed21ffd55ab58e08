"""Random queries for fuzz-vs-duckdb.py: SQL that Spark in ANSI mode and DuckDB must answer alike.

Left out since the two differ: division by zero, casts that round or overflow, `/` on decimals, NaN made by arithmetic,
count(DISTINCT a, b), NOT IN over rows, order of NULLs unless said, LIMIT without a full order, first_value without order.
"""
import dataclasses
import re

from fuzz_expressions import Expressions, Named, alt

MAX_ROWS = 150_000
MAX_ANSWER = 3_000


@dataclasses.dataclass
class Query:
    spark: str
    duck: str
    ordered: bool


@dataclasses.dataclass
class Relation:
    """A FROM clause: its text, what can be named, and about how many rows it has."""
    text: str
    names: list
    rows: float


def make_query(rng, tables):
    maker = Queries(rng, tables)
    text, columns, rows = maker.query(rng.choice([0, 1, 1, 2]))
    if rows > MAX_ANSWER:
        parts = [f'count({column.text}), min({column.text}), max({column.text})' for column in columns if column.group != 'bool']
        parts += [f'count({column.text}), count(CASE WHEN {column.text} THEN 1 END)' for column in columns if column.group == 'bool']
        return finish(f"SELECT count(*), {', '.join(parts)} FROM ({text}) AS answer", False)
    ordered = rng.random() < 0.5
    if ordered:
        text = maker.order_all(f'SELECT * FROM ({text}) AS answer' if rng.random() < 0.3 else text, columns)
    return finish(text, ordered)


def finish(text, ordered):
    pattern = re.compile('\x01([^\x01\x02\x03]*)\x02([^\x01\x02\x03]*)\x03')
    answers = []
    for side in (r'\1', r'\2'):
        said = text
        while '\x01' in said:
            said = pattern.sub(side, said)
        answers.append(said)
    return Query(answers[0], answers[1], ordered)


class Queries(Expressions):
    def __init__(self, rng, tables):
        super().__init__(rng)
        self.tables, self.aliases, self.with_tables = tables, 0, []

    def alias(self):
        self.aliases += 1
        return f'q{self.aliases}'

    def query(self, depth):
        """SELECT, a set operation or WITH: text, columns, rows."""
        pick = self.rng.random()
        if depth > 0 and pick < 0.2:
            return self.set_operation(depth)
        if depth > 0 and pick < 0.28:
            name = self.alias()
            text, columns, rows = self.query(depth - 1)
            self.with_tables.append((name, columns, rows))
            rest, out, count = self.select(depth)
            self.with_tables.pop()
            return f'WITH {name} AS ({text}) {rest}', out, count
        text, columns, rows = self.select(depth)
        if self.rng.random() < 0.08:
            return self.order_all(text, columns, True), columns, min(rows, 20)
        return text, columns, rows

    def order_all(self, text, columns, limit=None):
        places = list(range(1, len(columns) + 1))
        self.rng.shuffle(places)
        keys = [f"{place} {self.rng.choice(['ASC', 'DESC'])} NULLS {self.rng.choice(['FIRST', 'LAST'])}" for place in places]
        text = f"{text} ORDER BY {', '.join(keys)}"
        if limit or self.rng.random() < 0.4:
            text += f' LIMIT {self.rng.choice([0, 1, 3, 20])}'
            text += self.rng.choice(['', '', ' OFFSET 2'])
        return text

    def set_operation(self, depth):
        groups = [self.rng.choice(['int', 'str', 'dec', 'dbl', 'date', 'bool', 'mixed']) for _ in range(self.rng.randint(1, 3))]
        text, _, rows = self.side(depth, groups)
        for _ in range(self.rng.choice([1, 1, 2])):
            kind = self.rng.choice(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL'])
            other, _, more = self.side(depth, groups)
            text = f'({text}) {kind} ({other})'
            rows += more
        return text, [
            Named(f'c{place}', 'dbl' if group == 'mixed' else group, False) for place, group in enumerate(groups)], rows

    def side(self, depth, groups):
        relation = self.relation(depth - 1)
        items = [f'{self.member(group, relation.names)} AS c{place}' for place, group in enumerate(groups)]
        return f"SELECT {', '.join(items)} FROM {relation.text}{self.where(relation.names, depth)}", None, relation.rows

    def member(self, group, names):
        if group != 'mixed':
            return self.expression(group, names, 1)
        doubles = [name for name in names if not name.text.endswith('.g')]  # a decimal beside a float is a double in Spark alone
        return self.small_of(self.rng.choice(['int', 'dec', 'dbl']), doubles)

    # FROM

    def relation(self, depth):
        relation = self.leaf(depth)
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3]) if depth >= 0 else 0):
            if self.rng.random() < 0.08 and relation.rows < 2_000:
                relation = self.lateral(relation)
            else:
                relation = self.join(relation, self.leaf(depth - 1))
        return relation

    def leaf(self, depth):
        name = self.alias()
        if self.with_tables and self.rng.random() < 0.5:
            given, columns, rows = self.rng.choice(self.with_tables)
            return self.named(f'{given} AS {name}', name, columns, rows)
        if depth > 0 and self.rng.random() < 0.3:
            text, columns, rows = self.query(depth - 1)
            return self.named(f'({text}) AS {name}', name, columns, rows)
        table = self.rng.choice(self.tables if self.rng.random() < 0.3 else self.tables[:-1])
        columns = [Named(column.name, column.group, column.small, column.distinct) for column in table.columns]
        return self.named(f' {table.name} AS {name}', name, columns, table.rows)

    def named(self, text, name, columns, rows):
        return Relation(text, [dataclasses.replace(column, text=f'{name}.{column.text}') for column in columns], rows)

    def join(self, left, right):
        keys, distinct = self.join_keys(left, right)
        if left.rows * right.rows / distinct > MAX_ROWS:
            return left
        rows = max(left.rows * right.rows / distinct, left.rows, right.rows)
        kind = self.rng.choice(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'semi', 'anti', 'LEFT JOIN'])
        if not keys and self.rng.random() < 0.3:
            return Relation(f'{left.text} CROSS JOIN {right.text}', left.names + right.names, left.rows * right.rows)
        conditions = list(keys)
        if not keys or self.rng.random() < 0.3:
            conditions.append(self.predicate(left.names + right.names, 1))
        self.rng.shuffle(conditions)
        on = ' AND '.join(f'({condition})' for condition in conditions)
        if kind in ('semi', 'anti'):
            word = alt(f'LEFT {kind.upper()} JOIN', f'{kind.upper()} JOIN')
            return Relation(f'{left.text} {word} {right.text} ON {on}', left.names, left.rows)
        return Relation(f'{left.text} {kind} {right.text} ON {on}', left.names + right.names, rows)

    def lateral(self, left):
        inner, name = self.leaf(0), self.alias()
        where = self.filter_of(inner, self.link(left.names, inner.names))
        items = [self.aggregate(inner.names) for _ in range(self.rng.randint(1, 2))]
        text, columns, _ = self.listed('SELECT ', items, f' FROM {inner.text}{where}', 1)
        right = self.named(f'({text}) AS {name}', name, columns, 1)
        word = self.rng.choice(['CROSS JOIN LATERAL', 'LEFT JOIN LATERAL'])
        on = ' ON TRUE' if word.startswith('LEFT') else ''
        return Relation(f'{left.text} {word} {right.text}{on}', left.names + right.names, left.rows)

    def join_keys(self, left, right):
        """Equalities between the sides, and how many values the best of them has."""
        keys, distinct = [], 1
        if left.rows * right.rows < 10_000 and self.rng.random() < 0.15:
            return keys, distinct
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            one = self.rng.choice(left.names)
            mixed = one.group in ('int', 'dec', 'dbl') and self.rng.random() < 0.15
            groups = ('int', 'dec', 'dbl') if mixed else (one.group,)
            fitting = [name for name in right.names if name.group in groups]
            if not fitting:
                continue
            other = self.rng.choice(fitting)
            if self.rng.random() < 0.1 and left.rows * right.rows < 100_000:
                other = dataclasses.replace(other, text=self.expression(other.group, right.names, 1), distinct=1)
            operator = self.rng.choice(['=', '=', '=', '=', '=', 'IS NOT DISTINCT FROM'])
            keys.append(self.rng.choice([f'{one.text} {operator} {other.text}', f'{other.text} {operator} {one.text}']))
            distinct = max(distinct, max(one.distinct, other.distinct) / 2)
        return keys, distinct

    # WHERE

    def where(self, names, depth):
        if self.rng.random() < 0.35:
            return ''
        conditions = []
        for _ in range(self.rng.choice([1, 1, 2])):
            if depth > 0 and self.rng.random() < 0.4:
                conditions.append(self.subquery_predicate(names, depth))
            else:
                conditions.append(self.predicate(names, 2))
        return ' WHERE ' + self.rng.choice([' AND ', ' AND ', ' OR ']).join(f'({condition})' for condition in conditions)

    def subquery_predicate(self, names, depth):
        inner = self.leaf(depth - 1)
        link = self.link(names, inner.names)
        shape = self.rng.choice(['in', 'in', 'not in', 'exists', 'not exists', 'scalar'])
        if shape in ('exists', 'not exists') and inner.rows < 500 and self.rng.random() < 0.4:
            link = self.predicate([*inner.names, self.rng.choice(names), self.rng.choice(names)], 1)
        where = self.filter_of(inner, link if shape in ('exists', 'not exists', 'scalar') or self.rng.random() < 0.2 else None)
        if shape in ('exists', 'not exists'):
            return f'{shape.upper()} (SELECT 1 FROM {inner.text}{where})'
        if shape == 'scalar':
            return self.scalar_predicate(names, inner, where)
        one = self.rng.choice(names)
        fitting = [name for name in inner.names if name.group == one.group]
        if not fitting:
            return self.predicate(names, 1)
        said = f'{one.text} {shape.upper()} (SELECT {self.rng.choice(fitting).text} FROM {inner.text}{where})'
        return self.rng.choice([said, said, said, f'NOT ({said})', f'({said}) OR {self.predicate(names, 1)}'])

    def scalar_predicate(self, names, inner, where):
        text, group = self.scalar(inner, where)
        return f"{self.expression(group, names, 0)} {self.rng.choice(['=', '<', '>=', '<>'])} {text}"

    def scalar(self, inner, where):
        name = self.rng.choice([name for name in inner.names if name.group != 'bool'] or inner.names)
        call, group = self.rng.choice([(f'max({name.text})', name.group), (f'min({name.text})', name.group),
                                       ('count(*)', 'int'), (f'count({name.text})', 'int')])
        return f'(SELECT {call} FROM {inner.text}{where})', group

    def link(self, outer, inner):
        """An equality between a column outside and one inside, or None."""
        one = self.rng.choice(outer)
        fitting = [name for name in inner if name.group == one.group]
        return f'{self.rng.choice(fitting).text} = {one.text}' if fitting else None

    def filter_of(self, inner, link):
        parts = [] if link is None else [link]
        if self.rng.random() < 0.5:
            parts.append(self.predicate(inner.names, 1))
        return f" WHERE {' AND '.join(f'({part})' for part in parts)}" if parts else ''

    # SELECT

    def select(self, depth):
        relation = self.relation(depth)
        where = self.where(relation.names, depth)
        shape = self.rng.choice(['plain', 'plain', 'distinct', 'group', 'group', 'group', 'global', 'window', 'window'])
        tail = f' FROM {relation.text}{where}'
        if shape == 'group':
            return self.grouped(relation, tail, depth)
        if shape == 'global':
            items = [self.aggregate(relation.names) for _ in range(self.rng.randint(1, 4))]
            return self.listed('SELECT ', items, tail, 1)
        if shape == 'window' and relation.rows <= 5_000 * 20:
            items = [self.item(relation.names) for _ in range(self.rng.randint(1, 2))]
            items += [self.window(relation.names) for _ in range(self.rng.randint(1, 3))]
            return self.listed('SELECT ', items, tail, relation.rows)
        items = [self.item(relation.names) for _ in range(self.rng.randint(1, 4))]
        if depth > 0 and self.rng.random() < 0.3:
            inner = self.leaf(0)
            link = self.link(relation.names, inner.names) if self.rng.random() < 0.7 else None
            text, group = self.scalar(inner, self.filter_of(inner, link))
            items.append((text, group))
        return self.listed('SELECT DISTINCT ' if shape == 'distinct' else 'SELECT ', items, tail, relation.rows)

    def listed(self, head, items, tail, rows):
        columns = [Named(f'c{place}', group, False) for place, (_, group) in enumerate(items)]
        text = ', '.join(f'{text} AS c{place}' for place, (text, _) in enumerate(items))
        return f'{head}{text}{tail}', columns, rows

    def item(self, names):
        if self.rng.random() < 0.4:
            name = self.rng.choice(names)
            return name.text, name.group
        group = self.rng.choice(['int', 'int', 'dec', 'dbl', 'str', 'str', 'date', 'ts', 'bool'])
        return self.expression(group, names, 2), group

    def grouped(self, relation, tail, depth):
        names = relation.names
        keys = [self.item(names) if self.rng.random() < 0.3 else self.bare(names) for _ in range(self.rng.randint(1, 3))]
        keys = list({text: (text, group) for text, group in keys}.values())
        calls = [self.aggregate(names) for _ in range(self.rng.randint(0, 4))]
        having = ''
        if self.rng.random() < 0.25:
            text, group = self.aggregate(names)
            having = f" HAVING {self.compare_with(text, group)}"
        listed = ', '.join(text for text, _ in keys)
        shape = self.rng.random()
        bare = all(re.fullmatch(r'\w+\.\w+', text) for text, _ in keys)
        if shape < 0.15 and bare:
            having = ' HAVING count(*) > 0'  # of no rows, Spark makes no grand total
        if shape < 0.1 and bare:
            listed = f"{self.rng.choice(['ROLLUP', 'CUBE'])} ({listed})"
            calls.append((f'grouping({keys[0][0]})', 'int'))
        elif shape < 0.15 and bare:
            listed = f'GROUPING SETS (({listed}), ({keys[0][0]}), ())'
        elif shape < 0.3:
            listed = ', '.join(str(place) for place in range(1, len(keys) + 1))
        elif self.rng.random() < 0.15:
            order = ', '.join(self.order_key(text) for text, _ in keys)
            part = f'PARTITION BY {keys[0][0]} ' if self.rng.random() < 0.5 else ''
            call = self.rng.choice(['row_number()', 'sum(count(*))', 'lag(count(*))', 'max(count(*))', 'rank()'])
            calls.append((f'{call} OVER ({part}ORDER BY {order})', 'int'))
        return self.listed('SELECT ', keys + calls, f'{tail} GROUP BY {listed}{having}', relation.rows)

    def bare(self, names):
        name = self.rng.choice(names)
        return name.text, name.group
