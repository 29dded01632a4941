"""The report on a pair as plain data: every form of it, and every figure, is made of this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stormwatch._version import version
from stormwatch.signals.backgrounds import background
from stormwatch.signals.cells import CELLS
from stormwatch.signals.comparison import Counted
from stormwatch.signals.names.terms import event
from stormwatch.signals.pair import STATEMENTS, pair
from stormwatch.signals.report.analyses import analyses
from stormwatch.signals.report.answer import answer
from stormwatch.signals.report.drill import Lists, bands, cells, numbers, onset_days
from stormwatch.signals.report.pictures import pictures
from stormwatch.signals.report.readus import checklist
from stormwatch.signals.report.thresholds import judged, rules
from stormwatch.signals.scan import scan
from stormwatch.signals.selection import ROLES, Selection, drug, in_list
from stormwatch.signals.series import series

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.selection import Drug
    from stormwatch.signals.store import Store

Payload = dict[str, Any]

SCHEMA = "stormwatch signal report 1"
MOST_EVENTS = 25
"""Events of the drug that the report lists; the figure shows all."""


def signal_report(
    store: Store,
    drug_name: str,
    event_name: str,
    *,
    selection: Selection | None = None,
    strata: Sequence[str] = (),
    restricted: Sequence[str] = (),
    meddra: MedDRA | None = None,
    empirical_bayes: bool = True,
) -> Payload:
    """Everything the report shows, as JSON can hold it.

    ``answer`` is the result in sentences, ``analyses`` are all measures by background with what each threshold says,
    ``lists`` are the cases behind every cell, ``readus`` the items of READUS-PV with None where the author must speak.
    A measure that is undefined is None.

    Raises:
        UnknownName: the drug, the event or a background is not known.
        UsageError: a role, stratum or rule is not known.
    """
    chosen = selection or Selection()
    studied, asked = drug(drug_name, store), event(event_name, store, meddra)
    counted = Counted(store, chosen, studied, strata, empirical_bayes=empirical_bayes)
    how: dict[str, Any] = {
        "selection": chosen,
        "strata": strata,
        "empirical_bayes": empirical_bayes,
        "counted": counted,
    }
    found = pair(store, drug_name, event_name, restricted=restricted, meddra=meddra, **how)
    made = {
        "schema": SCHEMA,
        "software": f"Stormwatch {version()}",
        "asked": _asked(found, chosen, strata, restricted),
        "analyses": analyses(store, found, studied, asked, chosen, restricted, empirical_bayes=empirical_bayes),
        "rules": [rule.as_json() for rule in rules().values()],
        **{name: found[name] for name in ("flow", "masking", "sources", "duplicates")},
        "scan": _scan(store, drug_name, asked.terms, how),
        "cases": series(store, drug_name, event_name, selection=chosen, meddra=meddra),
        "statements": list(STATEMENTS),
    }
    made |= _drilled(store, chosen, studied, found, made)
    made |= {"answer": answer(made), "readus": checklist(made), "pictures": pictures(made)}
    return made


def _asked(found: Mapping[str, Any], chosen: Selection, strata: Sequence[str], restricted: Sequence[str]) -> Payload:
    return {
        "drug": found["drug"],
        "event": found["event"],
        "roles": [f"{role} ({ROLES[role]})" for role in chosen.roles],
        "deduplication": found["measures"]["crude"]["deduplication"],
        "background": found["measures"]["crude"]["background"],
        "strata": list(strata),
        "restricted": list(restricted),
    }


def _scan(store: Store, drug_name: str, terms: Sequence[str], how: dict[str, Any]) -> Payload:
    """All events of the drug, with what each threshold says; the strongest are listed, and those asked for."""
    found = scan(store, drug_name, **how)
    rows = [
        {**row, "judged": judged(row), "asked": row["event"] in terms, "listed": place < MOST_EVENTS}
        for place, row in enumerate(found["rows"])
    ]
    return {**found, "rows": [{**row, "listed": row["listed"] or row["asked"]} for row in rows]}


def _drilled(store: Store, chosen: Selection, studied: Drug, found: Mapping[str, Any], made: Payload) -> Payload:
    """The lists of cases, and which one each cell leads to."""
    lists = Lists()
    for one in made["analyses"]:
        for cell, said in CELLS.items():
            held = one["cells"][cell]
            reports = held.pop("reports")
            held["list"] = lists.keep(f"{one['title']}: {said}", reports, held["count"], held["command"])
        one["list"] = one["cells"]["a"]["list"]
    held = cells(store, chosen, studied.substances, found["cases"])
    days = onset_days(store, chosen, studied.substances, found["cases"])
    within = {name: lists.keep(f"time to onset: {name}", reports) for name, reports in bands(days).items()}
    drilled = {
        "description": {name: _table(lists, held[name], name, rows) for name, rows in found["description"].items()},
        "trend": [
            {**row, "list": lists.keep(f"received in {row['quarter']}", held["quarter"].get(row["quarter"], ()))}
            for row in found["trend"]
        ],
        "onset": {**found["onset"], "lists": within, "days": sorted(days.values())},
    }
    shown = [row for row in made["scan"]["rows"] if row["listed"]]
    named = _with_event(store, chosen, studied, [row["event"] for row in shown])
    for row in shown:
        row["list"] = lists.keep(f"{studied.label} with {row['event']}", named[row["event"]])
    reports = (n for one in lists.held.values() for n in one["reports"])
    return {**drilled, "lists": lists.held, "numbers": numbers(store, reports)}


def _table(lists: Lists, held: Mapping[str, Sequence[int]], name: str, rows: Sequence[Payload]) -> list[Payload]:
    """The rows of a table of the description, each with its list."""
    named = name.replace("_", " ")
    return [
        {**row, "list": lists.keep(f"{named}: {row['value']}", held.get(str(row.get("code", row["value"])), ()))}
        for row in rows
    ]


def _with_event(store: Store, chosen: Selection, studied: Drug, terms: Sequence[str]) -> dict[str, list[int]]:
    """The reports of the drug in the background, by event."""
    inside = background(chosen, store, studied).sql
    rows = store.rows(f"""
        SELECT term, list(DISTINCT n ORDER BY n) FROM reactions
        WHERE term IN {in_list(terms)} AND n IN ({inside})
            AND n IN (SELECT n FROM drugs WHERE substance IN {in_list(studied.substances)} AND {chosen.role_sql})
        GROUP BY term
    """)
    return dict(rows)
