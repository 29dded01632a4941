"""The reports a drug is compared with: all, or a named part in which the comparison is fairer."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from stormwatch.errors import UnknownName, UsageError
from stormwatch.signals.duck import text
from stormwatch.signals.names.ingredients import substance_of
from stormwatch.signals.names.terms import plain
from stormwatch.signals.selection import Drug, Selection, in_list
from stormwatch.terms import drugs_in_class

if TYPE_CHECKING:
    from stormwatch.signals.store import Store


@dataclass(frozen=True, slots=True)
class Background:
    """A set of reports: what it is, and the SQL that gives their numbers."""

    label: str
    sql: str


def background(selection: Selection, store: Store, studied: Drug) -> Background:
    """The background a selection names.

    Raises:
        UnknownName: there is no such background or drug class.
        UsageError: the same indication is asked for, but no report gives one for the drug.
    """
    name, _, rest = selection.background.partition(":")
    if name == "all" and not rest:
        return Background("all reports", selection.report_sql)
    if name == "class":
        members = tuple(substance_of(one) for one in sorted(drugs_in_class(rest)))
        return _inside(selection, f"reports that name a drug of the class {rest}", _naming(selection, members))
    if name == "indication":
        terms = tuple(plain(term) for term in rest.split(";") if term.strip())
        return _inside(selection, f"reports with an indication of: {', '.join(terms)}", _indicated(terms))
    if name == "same-indication":
        terms = _indications_of(studied, selection, store)
        return _inside(selection, f"reports with an indication the drug has: {', '.join(terms)}", _indicated(terms))
    if not rest and isinstance(held := _file().get(name), dict):
        return _inside(selection, f"{held['title']} (list of Stormwatch)", _listed(selection, held))
    known = [one for one, table in _file().items() if isinstance(table, dict)]
    ways = ", ".join(["all", *known, "same-indication", "class:NAME", "indication:TERM;TERM"])
    raise UnknownName(f"no background is called {selection.background!r}; there are: {ways}")


def _inside(selection: Selection, label: str, part: str) -> Background:
    return Background(label, f"({selection.report_sql}) INTERSECT ({part})")


def _naming(selection: Selection, substances: Sequence[str]) -> str:
    return f"SELECT n FROM drugs WHERE {selection.role_sql} AND substance IN {in_list(substances)}"


def _indicated(terms: Sequence[str]) -> str:
    return f"SELECT n FROM indications WHERE term IN {in_list(terms)}"


def _listed(selection: Selection, held: dict[str, Any]) -> str:
    parts = " OR ".join(f"contains(term, {text(part)})" for part in held["indications"])
    members = sorted({substance_of(one) for name in held["drug_classes"] for one in drugs_in_class(name)})
    return f"SELECT n FROM indications WHERE {parts} UNION {_naming(selection, members)}"


def _indications_of(studied: Drug, selection: Selection, store: Store) -> tuple[str, ...]:
    """What the drug was given for, in enough of its reports that give an indication."""
    rows = store.rows(f"""
        WITH given AS (
            SELECT DISTINCT n, term FROM indications JOIN drugs USING (n, drug)
            WHERE substance IN {in_list(studied.substances)} AND {selection.role_sql}
                AND n IN ({selection.report_sql}) AND term NOT IN {in_list(_file()["uninformative"])}
        )
        SELECT term FROM given GROUP BY term
        HAVING count(*) >= {_file()["same_indication_share"]} * (SELECT count(DISTINCT n) FROM given) ORDER BY term
    """)
    if not rows:
        raise UsageError("no report gives an indication for the drug; name one with indication:TERM")
    return tuple(term for (term,) in rows)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("stormwatch.signals").joinpath("backgrounds.toml").read_text("utf-8"))
