"""The report as one page of HTML that holds all it needs: no script, no outside address; and as a PDF on A4."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormwatch.reports.html import environment
from stormwatch.reports.sheet import NARROW, WIDE
from stormwatch.signals.describe import OUTCOMES
from stormwatch.signals.report.answer import shown
from stormwatch.signals.report.drawing import svg

if TYPE_CHECKING:
    from jinja2 import Environment

Payload = dict[str, Any]

_TEMPLATES = Path(__file__).with_name("templates")

MOST_CASES = 500
"""Cases in the table of cases; the JSON has all."""
MOST_LISTED = 200
"""Report numbers under one cell; the JSON has all."""
_TITLES = {
    "outcomes": "Outcomes",
    "seriousness": "Seriousness",
    "sex": "Sex",
    "age_group": "Age in years",
    "year": "Year of receipt",
    "reporter": "Reporter",
    "country": "Country",
    "co_reported_events": "Other events in the same reports",
    "co_reported_drugs": "Other drugs in the same reports, in any role",
    "dechallenge": "Dechallenge: did it abate when the drug was stopped or reduced?",
    "rechallenge": "Rechallenge: did it come back when the drug was given again?",
}


def html(report: Payload, *, paper: bool = False) -> str:
    """A report as one page of HTML.

    Args:
        report: from ``signal_report``.
        paper: leave out what only a screen can fold away: the lists of cases behind the cells.

    Raises:
        UsageError: the extra ``report`` is not installed.
    """
    figures = {one["kind"]: _figure(one, paper=paper) for one in report["pictures"]}
    page: str = (
        _environment()
        .get_template("signal.html.j2")
        .render(
            report=report,
            figures=figures,
            paper=paper,
            titles=_TITLES,
            outcomes=OUTCOMES,
            most_cases=MOST_CASES,
            most_listed=MOST_LISTED,
            shown_cases={str(one["n"]) for one in report["cases"][:MOST_CASES]},
        )
    )
    return page


def _figure(one: Payload, *, paper: bool) -> Payload:
    """The drawings of one picture: for a desk, and on a screen for a telephone as well."""
    from markupsafe import Markup

    kinds = {"wide": WIDE} if paper else {"wide": WIDE, "narrow": NARROW}
    drawings = [
        {"kind": kind, "svg": Markup(svg(one, name=f"{one['kind']}-{kind}", measures=measures))}
        for kind, measures in kinds.items()
    ]
    return {**{key: one[key] for key in ("title", "said", "caution")}, "drawings": drawings}


@cache
def _environment() -> Environment:
    """The templates of this report, before those of the other reports, whose style they share."""
    from jinja2 import ChoiceLoader, FileSystemLoader

    shared = environment()
    assert shared.loader is not None
    found = shared.overlay(loader=ChoiceLoader([FileSystemLoader(_TEMPLATES), shared.loader]))
    found.filters = {**shared.filters, "shown": shown}
    return found
