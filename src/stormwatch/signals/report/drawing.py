"""A figure as SVG that stands inside a page: no script, no outside address, named for a screen reader."""

from __future__ import annotations

from typing import Any

from stormwatch.errors import UsageError
from stormwatch.reports.sheet import WIDE, Measures
from stormwatch.reports.svg import inline


def svg(one: dict[str, Any], *, name: str, measures: Measures = WIDE) -> str:
    """One picture of the report as an ``<svg>`` element with a title and a description.

    Args:
        one: of the ``pictures`` of a report: its kind, title, what it says in words, and its data.
        name: makes the ids inside unique on the page.
        measures: of the sheet, in pixels.

    Raises:
        UsageError: the extra ``report`` is not installed.
    """
    try:
        import altair  # noqa: F401 - the figures need it; said here, before they are drawn
    except ImportError:
        raise UsageError('figures need one more package: pip install "stormwatch[report]"') from None
    from stormwatch.signals.report.figures import KINDS

    drawing = KINDS[one["kind"]](one["picture"], measures)
    return inline(drawing, name=name, title=one["title"], said=one["said"])
