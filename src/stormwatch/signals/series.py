"""The reports of a pair, one by one: what each says of the patient, the drugs, the events and the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stormwatch.signals.backgrounds import background
from stormwatch.signals.cells import Cell, cell_sql
from stormwatch.signals.duck import dicts
from stormwatch.signals.names.terms import event
from stormwatch.signals.selection import Selection, drug

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.store import Store

PART = 10_000
"""Reports described at once: a cell of millions passes through a small memory."""

_CASES = """
SELECT n, source, report, case_number, received, event_text AS event_date, age, sex, weight, country, reporter,
    report_type, sender_number, literature,
    (SELECT list({{'drug': drug, 'substance': substance, 'role': role, 'name': name, 'dose': dose, 'route': route,
        'rule': rule, 'score': score, 'dechallenge': dechallenge, 'rechallenge': rechallenge}} ORDER BY drug, substance)
        FROM drugs WHERE drugs.n = reports.n AND drugs.n {within}) AS drugs,
    (SELECT list_sort(list(DISTINCT term)) FROM reactions
        WHERE reactions.n = reports.n AND reactions.n {within}) AS reactions,
    (SELECT list_sort(list(DISTINCT outcome)) FROM outcomes
        WHERE outcomes.n = reports.n AND outcomes.n {within}) AS outcomes,
    (SELECT list({{'drug': drug, 'start': start_text, 'stop': end_text}} ORDER BY drug, start_text)
        FROM therapies WHERE therapies.n = reports.n AND therapies.n {within}) AS therapies,
    (SELECT list({{'drug': drug, 'term': term}} ORDER BY drug, term)
        FROM indications WHERE indications.n = reports.n AND indications.n {within}) AS indications,
    (SELECT list(d.n ORDER BY d.n) FROM duplicates AS d WHERE d.duplicate_of = reports.n) AS stands_for
FROM reports WHERE n {within} AND n IN (SELECT unnest({numbers})) ORDER BY n
"""
_LISTS = ("drugs", "reactions", "outcomes", "therapies", "indications", "stands_for")


def series(
    store: Store,
    drug_name: str,
    event_name: str,
    *,
    selection: Selection | None = None,
    meddra: MedDRA | None = None,
    cell: Cell = "a",
) -> list[dict[str, Any]]:
    """The cases, in the order of the database. ``stands_for`` lists the probable duplicates a case stands for.

    ``cell`` asks for the reports of another cell of the table: the drug only (b), the event only (c), neither (d).

    Raises:
        UnknownName: the drug, the event or the background is not known.
    """
    return list(described(store, reports_of(store, drug_name, event_name, selection, meddra, cell)))


def reports_of(
    store: Store,
    drug_name: str,
    event_name: str,
    selection: Selection | None = None,
    meddra: MedDRA | None = None,
    cell: Cell = "a",
) -> list[int]:
    """Our numbers of the reports of a cell, in order."""
    chosen = selection or Selection()
    studied, asked = drug(drug_name, store), event(event_name, store, meddra)
    query = cell_sql(cell, chosen, studied, asked, background(chosen, store, studied).sql)
    numbers: list[int] = store.connection.execute(f"{query} ORDER BY n").fetchnumpy()["n"].tolist()
    return numbers


def described(store: Store, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What each of these reports says, part by part."""
    for first in range(0, len(numbers), PART):
        part = numbers[first : first + PART]
        query = _CASES.format(within=f"BETWEEN {part[0]} AND {part[-1]}", numbers=list(part))
        for row in dicts(store.connection, query):
            yield {**row, "received": _iso(row["received"]), **{name: row[name] or [] for name in _LISTS}}


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()
