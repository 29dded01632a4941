"""The rows that leave the store: those with a concept or code of ours. The others are counted where they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from stormwatch.sources.omop.row import Row, rows_of, text_of
from stormwatch.sources.omop.store import Store
from stormwatch.sources.omop.tables import PERSON, Table
from stormwatch.sources.omop.targets import UNMAPPED, Find, Target, finder, product_names

Record = Mapping[str, str]
_WITHIN = f"{PERSON} BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class Persons:
    """Whose rows are read: from the lowest to the highest person id."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a person have this concept and this source code, both as the store has them."""

    person: int
    concept: str
    source: str
    records: int

    def label(self, table: Table) -> str:
        return f"{table.name} {self.source if self.concept in UNMAPPED else self.concept}"


class Rows:
    """The rows of a table person by person, in ascending order of person id; one person is held at a time."""

    def __init__(self, table: Table, records: Iterator[tuple[int, Record]]) -> None:
        self._table = table.name
        self._groups = groupby(records, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, person: int) -> list[Row]:
        """The rows of a person. Ask in ascending order: rows of persons passed over are gone."""
        while self._next is not None and self._next[0] < person:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != person:
            return []
        found = rows_of(self._table, [record for _, record in self._next[1]])
        self._next = next(self._groups, None)
        return found


class Selection:
    """Of one table and some persons: the rows that are ours, and how many others there are."""

    def __init__(self, store: Store, table: Table, persons: Persons) -> None:
        tally = _tally(store, table, persons)
        concepts = [int(concept) for concept in {each.concept for each in tally} if concept not in UNMAPPED]
        self._names = product_names(store, concepts) if table.name == "drug_exposure" else {}
        self._find = finder(store, table.name, concepts, self._names)
        self._left: dict[int, Counter[str]] = defaultdict(Counter)
        ours: list[Tally] = []
        for each in tally:
            if self._find(each.concept, each.source.strip()) is not None:
                ours.append(each)
            else:
                self._left[each.person][each.label(table)] += each.records
        self.rows = Rows(table, _chosen(store, table, persons, ours, self._find))

    def left(self, person: int) -> Counter[str]:
        """How many rows of a person are not needed, by concept, or by source code where there is none."""
        return self._left.pop(person, Counter())

    def name(self, row: Row) -> str:
        """The name of a product, where the store's vocabulary has it."""
        return self._names.get(row["concept"], "")

    def target(self, row: Row) -> Target:
        found = self._find(row["concept"], row["source"])
        assert found is not None, "only rows that are about something of ours are fetched"
        return found


def whole(store: Store, table: Table, persons: Persons) -> Rows:
    """Every row of a table."""
    return Rows(table, _fetch(store, table, _WITHIN, [persons.low, persons.high]))


def _tally(store: Store, table: Table, persons: Persons) -> list[Tally]:
    """How often each concept and source code occurs, for each person."""
    if not store.columns(table):
        return []
    cells = f"{PERSON}, {_cell(store, table, 'concept')}, {_cell(store, table, 'source')}"
    sql = f"SELECT {cells}, COUNT(*) FROM {table.name} WHERE {_WITHIN} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    found = store.rows(f"{table.name} by concept", sql, [persons.low, persons.high])
    return [Tally(person, concept or "", source or "", records) for person, concept, source, records in found]


def _chosen(
    store: Store, table: Table, persons: Persons, ours: list[Tally], find: Find
) -> Iterator[tuple[int, Record]]:
    """The filter is by concept or by source code; what it lets through beyond what is ours has been counted."""
    if not ours:
        return
    known = {each.concept for each in ours if each.concept not in UNMAPPED and find(each.concept, "")}
    sources = sorted({each.source for each in ours if each.concept not in known})
    choice = f"{table.columns['concept']} = ANY(?)"
    parameters: list[object] = [persons.low, persons.high, sorted(map(int, known))]
    if sources:
        choice += f" OR {table.columns['source']} = ANY(?)"
        parameters.append(sources)
    for person, record in _fetch(store, table, f"{_WITHIN} AND ({choice})", parameters):
        if find(record["concept"], record["source"]) is not None:
            yield person, record


def _fetch(store: Store, table: Table, where: str, parameters: list[object]) -> Iterator[tuple[int, Record]]:
    if not store.columns(table):
        return
    cells = ", ".join(_cell(store, table, role) for role in table.columns)
    order = f"{table.name}.{PERSON}, {table.name}.{table.columns['id']}"
    sql = f"SELECT {PERSON}, {cells} FROM {table.name} WHERE {where} ORDER BY {order}"
    for person, *values in store.rows(table.name, sql, parameters):
        yield person, {role: text_of(role, v) for role, v in zip(table.columns, values, strict=True)}


def _cell(store: Store, table: Table, role: str) -> str:
    column = table.columns[role]
    return f"CAST({column if column in store.columns(table) else 'NULL'} AS VARCHAR)"
