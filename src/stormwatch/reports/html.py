"""The report as one page of HTML that holds all it needs: no script, no outside address."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormwatch.reports.messages import Messages, messages, named
from stormwatch.reports.population import outside
from stormwatch.reports.sheet import NARROW, WIDE
from stormwatch.reports.svg import svg
from stormwatch.reports.writing import brief, grouped, plain_times

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

Payload = dict[str, Any]

_TEMPLATES = Path(__file__).with_name("templates")
_DERIVED = "derived"


def html(report: Payload, *, language: str = "en", paper: bool = False) -> str:
    """A report as one page of HTML.

    Args:
        report: from ``report``.
        language: of the headings and fixed sentences.
        paper: leave out what only a screen can fold away: the trees of reasons, the items of instruments that were
            never met, rows of documents that do not apply. The page on the screen and the JSON have them.

    Raises:
        UsageError: no catalogue for the language, or the extra ``report`` is not installed.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.report import report
    >>> html(report(sw.follow(sw.answers({"temperature": "39.1 Cel"}))))[:15]
    '<!DOCTYPE html>'
    """
    said = messages(language)
    page: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            m=said,
            language=language,
            figures=[_figure(one, place, said, paper=paper) for place, one in enumerate(report["pictures"])],
            paper=paper,
            main_file=_main_file(report["files"]),
        )
    )
    return page


def _figure(one: Payload, place: int, said: Messages, *, paper: bool) -> Payload:
    """The drawings of one picture: for a desk, and on a screen for a telephone as well."""
    from markupsafe import Markup

    kinds = {"wide": WIDE} if paper else {"wide": WIDE, "narrow": NARROW}
    drawings = [
        {"kind": kind, "svg": Markup(svg(one, name=f"figure-{place}-{kind}", measures=measures, said=said))}
        for kind, measures in kinds.items()
    ]
    return {"title": one["title"], "said": one["said"], "drawings": drawings}


def _main_file(files: list[Payload]) -> str:
    """The file that need not be named with every fact, because all facts came from it; empty when there are several."""
    read = [one["file"] for one in files if one["file"] != _DERIVED]
    return read[0] if len(read) == 1 else ""


@cache
def environment() -> Environment:
    """The templates. Every value is escaped, whatever the record holds.

    >>> environment().from_string("{{ said }}").render(said="<script>")
    '&lt;script&gt;'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context

    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @pass_context
    def short(context: Context, instrument: str) -> str:
        return named(context["m"], instrument)

    found.filters |= {"brief": brief, "grouped": grouped, "outside": outside, "plain_times": plain_times}
    found.filters["named"] = short
    return found
