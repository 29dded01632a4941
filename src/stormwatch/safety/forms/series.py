"""A case series as CSV: one line a case, the same columns for drafted cases and for messages that were read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from stormwatch.safety.case import Group

COLUMNS = (
    "case", "report_type", "country", "sex", "age", "age_unit", "weight_kg", "suspect_drugs", "other_drugs",
    "indications", "reactions", "meddra_codes", "onset", "end", "outcomes", "death", "life_threatening",
    "hospitalisation", "disability", "congenital_anomaly", "medically_important", "first_dose_to_reaction",
    "action_taken", "dechallenge", "rechallenge", "causality", "expected", "literature",
)  # fmt: skip
_CRITERIA = ("E.i.3.2a", "E.i.3.2b", "E.i.3.2c", "E.i.3.2d", "E.i.3.2e", "E.i.3.2f")
# A spreadsheet takes these for the beginning of a formula; an apostrophe keeps the cell a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def series(cases: Iterable[Group]) -> str:
    """The cases as CSV. Several values in a cell are divided by a semicolon; what is not known is an empty cell.

    A criterion of seriousness is ``yes`` or empty, as its absence in a report is no no.

    >>> series([Group("case").set("D.5", "2")]).splitlines()[1].split(",")[3]
    'female'
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([_safe(cell) for cell in _row(case)] for case in cases)
    return out.getvalue()


def _row(case: Group) -> list[str]:
    reactions, drugs = case.each("E.i"), case.each("G.k")
    suspects = [one for one in drugs if one.get("G.k.1") in ("1", "3")]
    links = [link for one in suspects for link in one.each("G.k.9.i")]
    return [
        case.get("C.1.1") or "",
        _meaning("report-type", case.get("C.1.3")),
        _joined(one.get("E.i.9") or "" for one in reactions),
        _meaning("sex", case.get("D.5")),
        case.get("D.2.2a") or "",
        _meaning("unit-age", case.get("D.2.2b")),
        case.get("D.3") or "",
        _joined(one.get("G.k.2.2") or "" for one in suspects),
        _joined(one.get("G.k.2.2") or "" for one in drugs if one.get("G.k.1") == "2"),
        _joined(held.get("G.k.7.r.1") or "" for one in suspects for held in one.each("G.k.7.r")),
        _joined(one.get("E.i.1.2") or one.get("E.i.1.1a") or "" for one in reactions),
        _joined(one.get("E.i.2.1b") or "" for one in reactions),
        _joined(one.get("E.i.4") or "" for one in reactions),
        _joined(one.get("E.i.5") or "" for one in reactions),
        _joined(_meaning("outcome", one.get("E.i.7")) for one in reactions),
        *("yes" if any(one.get(number) == "true" for one in reactions) else "" for number in _CRITERIA),
        _joined(_interval(link) for link in links),
        _joined(_meaning("action-taken", one.get("G.k.8")) for one in suspects),
        _joined(link.get("SW.dechallenge") or "" for link in links),
        _joined(_meaning("rechallenge", link.get("G.k.9.i.4")) for link in links),
        _joined(_causality(link) for link in links),
        _joined(_expected(held) for link in links for held in link.each("SW.expected")),
        _joined(one.get("C.4.r.1") or "" for one in case.each("C.4.r")),
    ]


def _interval(link: Group) -> str:
    return " ".join(filter(None, (link.get("G.k.9.i.3.1a"), link.get("G.k.9.i.3.1b"))))


def _causality(link: Group) -> str:
    told = ((one.get("G.k.9.i.2.r.2"), one.get("G.k.9.i.2.r.3")) for one in link.each("G.k.9.i.2.r"))
    return ", ".join(": ".join(filter(None, pair)) for pair in told)


def _expected(held: Group) -> str:
    return f"{held.get('SW.expected.document') or held.id}: {held.get('SW.expected.answer') or 'open'}"


def _meaning(name: str, code: str | None) -> str:
    from stormwatch.safety.e2b.elements import codes

    return "" if code is None else codes(name).get(code, code)


def _joined(cells: Iterable[str]) -> str:
    """In order, with empty places kept, so that cells of one case stay side by side; all empty is an empty cell."""
    held = list(cells)
    return "; ".join(held) if any(held) else ""


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
