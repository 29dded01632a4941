"""An OMOP store, read for one person, or person by person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import tzinfo

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Exposure, Fact, Origin, Stay, Timeline
from stormwatch.sources.draft import Draft, Place
from stormwatch.sources.omop.drugs import exposures
from stormwatch.sources.omop.happened import happened_facts
from stormwatch.sources.omop.observed import observed_facts
from stormwatch.sources.omop.people import patient, stay
from stormwatch.sources.omop.row import Row
from stormwatch.sources.omop.selection import Persons, Rows, Selection, whole
from stormwatch.sources.omop.store import Store, open_store
from stormwatch.sources.omop.tables import ALL, CODED, DEATHS, PEOPLE, VISITS
from stormwatch.sources.omop.targets import Target
from stormwatch.sources.opening import StrPath

_PERSONS_AT_ONCE = 1000
_LOWEST = -(2**63)
_SOME = "SELECT DISTINCT person_id FROM person WHERE person_id > ? ORDER BY person_id LIMIT ?"


@dataclass(frozen=True)
class Chapter:
    """The rows of some persons, table by table."""

    people: Rows
    deaths: Rows
    visits: Rows
    coded: tuple[Selection, ...]


def read_omop(
    where: StrPath, *, patient: str | None, zone: tzinfo | None, complete: frozenset[str], schema: str = ""
) -> Timeline:
    """The timeline of one person of an OMOP CDM 5.3 or 5.4 store.

    ``where`` is a folder with one CSV, CSV.GZ or Parquet file per table, a DuckDB file, or a ``postgresql://`` address;
    ``schema`` is the schema of the last two. Clock times in OMOP have no zone: without ``zone`` they are rejected. The
    accounting covers the rows of this person in the tables that are read.

    Raises:
        InputError: the store cannot be read, or holds several persons and none is named.
        UnknownName: the store has no such person.
        UsageError: the package that reads the store is not installed.
    """
    with closing(open_store(where, schema)) as store:
        person = _person(store, patient)
        return next(timelines_of(store, Persons(person, person), [person], zone, complete))


def patients_of_omop(where: StrPath, schema: str = "") -> list[str]:
    """The person ids of an OMOP store, in ascending order. Raises as ``read_omop`` does."""
    with closing(open_store(where, schema)) as store:
        return [str(person) for page in _pages(store, _LOWEST) for person in page]


def iterate_omop(
    where: StrPath,
    *,
    zone: tzinfo | None,
    complete: frozenset[str] = frozenset(),
    schema: str = "",
    after: str | None = None,
) -> Iterator[Timeline]:
    """The timelines of all persons in ascending order of person id, in bounded memory.

    A read that broke off is taken up with ``after``, the id of the last person it gave. Rows of persons who have no row
    in ``person`` are not read; the first timeline has a note that counts them. Raises as ``read_omop`` does.
    """
    with closing(open_store(where, schema)) as store:
        start = _LOWEST if after is None else _number(after)
        notes = strays(store) if after is None else []
        for page in _pages(store, start):
            persons = Persons(page[0], page[-1])
            for timeline in timelines_of(store, persons, page, zone, complete, notes):
                yield timeline
                notes = []


def timelines_of(
    store: Store,
    persons: Persons,
    ids: list[int],
    zone: tzinfo | None,
    complete: frozenset[str],
    notes: list[str] | None = None,
) -> Iterator[Timeline]:
    people, deaths, visits = (whole(store, table, persons) for table in (PEOPLE, DEATHS, VISITS))
    chapter = Chapter(people, deaths, visits, tuple(Selection(store, table, persons) for table in CODED))
    missing = [f"no table {t.name}" for t in (*CODED, VISITS, DEATHS) if not store.columns(t)]
    for person in ids:
        draft = Draft(store.name, zone)
        draft.notes.update([*missing, *(notes or [])])
        notes = []
        yield _timeline(person, chapter, draft, complete)


def _timeline(person: int, chapter: Chapter, draft: Draft, complete: frozenset[str]) -> Timeline:
    who = patient(person, chapter.people.of(person), chapter.deaths.of(person), draft)
    for row in chapter.visits.of(person):
        draft.take(row.record, stay, row, _place(row, draft))
    for selection in chapter.coded:
        for label, records in selection.left(person).items():
            draft.leave(label, records)
        for row in selection.rows.of(person):
            draft.take(row.record, _facts, row, selection, _place(row, draft))
    return draft.timeline(who, complete)


def _facts(row: Row, selection: Selection, place: Place) -> Iterator[Fact | Exposure | Stay]:
    target: Target = selection.target(row)
    if row.table == "drug_exposure":
        return exposures(row, target, selection.name(row), place)
    read = observed_facts if row.table in {"measurement", "observation"} else happened_facts
    return read(row, target, place)


def _place(row: Row, draft: Draft) -> Place:
    """Facts are found again by the table and the key of the row, whichever store it stands in."""
    return Place(Origin(row.table, row["id"]), draft.zone, draft.notes)


def _person(store: Store, asked: str | None) -> int:
    if asked is not None:
        found = next(_pages(store, _number(asked) - 1, 1), [])
        if found != [_number(asked)]:
            raise UnknownName(f"{store.name}: the table person has no row of this patient; list the ids to see them")
        return found[0]
    found = next(_pages(store, _LOWEST, 2), [])
    if len(found) != 1:
        many = "several patients; name one with --patient" if found else "no patient; the table person is empty"
        raise InputError(f"{store.name}: {many}")
    return found[0]


def _number(person: str) -> int:
    try:
        return int(person)
    except ValueError:
        raise UnknownName("a person of an OMOP store is named by a whole number, its person_id") from None


def _pages(store: Store, after: int, size: int = _PERSONS_AT_ONCE) -> Iterator[list[int]]:
    """The person ids above one, some at a time."""
    while page := [person for (person,) in store.rows("person ids", _SOME, [after, size])]:
        yield page
        after = page[-1]


def strays(store: Store) -> list[str]:
    """Notes on rows whose person is not in the table person."""
    sql = "SELECT COUNT(*) FROM {} WHERE person_id IS NULL OR person_id NOT IN ({})"
    people = "SELECT person_id FROM person WHERE person_id IS NOT NULL"
    notes = []
    for table in (t for t in ALL if "person_id" in store.columns(t)):
        ((rows,),) = store.rows(table.name, sql.format(table.name, people))
        if rows:
            notes.append(f"{rows:,} rows of {table.name} name no person of the table person: not read")
    return notes
