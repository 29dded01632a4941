"""The cases of a pair, one by one: what each report says of the patient, the drugs, the events and the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.signals.backgrounds import background
from stormwatch.signals.duck import dicts
from stormwatch.signals.names.terms import event
from stormwatch.signals.pair import case_sql
from stormwatch.signals.selection import Selection, drug

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.store import Store

_CASES = """
SELECT n, source, report, case_number, received, event_text AS event_date, age, sex, weight, country, reporter,
    report_type, sender_number, literature,
    (SELECT list({{'drug': drug, 'substance': substance, 'role': role, 'name': name, 'dose': dose, 'route': route,
        'rule': rule, 'score': score, 'dechallenge': dechallenge, 'rechallenge': rechallenge}} ORDER BY drug, substance)
        FROM drugs WHERE drugs.n = reports.n) AS drugs,
    (SELECT list_sort(list(DISTINCT term)) FROM reactions WHERE reactions.n = reports.n) AS reactions,
    (SELECT list_sort(list(DISTINCT outcome)) FROM outcomes WHERE outcomes.n = reports.n) AS outcomes,
    (SELECT list({{'drug': drug, 'start': start_text, 'stop': end_text}} ORDER BY drug, start_text)
        FROM therapies WHERE therapies.n = reports.n) AS therapies,
    (SELECT list({{'drug': drug, 'term': term}} ORDER BY drug, term)
        FROM indications WHERE indications.n = reports.n) AS indications,
    (SELECT list(d.n ORDER BY d.n) FROM duplicates AS d WHERE d.duplicate_of = reports.n) AS stands_for
FROM reports WHERE n IN ({reports}) ORDER BY n
"""


def series(
    store: Store,
    drug_name: str,
    event_name: str,
    *,
    selection: Selection | None = None,
    meddra: MedDRA | None = None,
) -> list[dict[str, Any]]:
    """The cases, in the order of the database. ``stands_for`` lists the probable duplicates a case stands for.

    Raises:
        UnknownName: the drug, the event or the background is not known.
    """
    chosen = selection or Selection()
    studied, asked = drug(drug_name, store), event(event_name, store, meddra)
    reports = case_sql(chosen, studied, asked, background(chosen, store, studied).sql)
    rows = dicts(store.connection, _CASES.format(reports=reports))
    lists = ("drugs", "reactions", "outcomes", "therapies", "indications", "stands_for")
    return [{**row, "received": _iso(row["received"]), **{name: row[name] or [] for name in lists}} for row in rows]


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()
