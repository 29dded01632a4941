"""A figure as SVG that stands inside a page: no script, no outside address, named for a screen reader."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from stormwatch.errors import UsageError
from stormwatch.reports.sheet import WIDE, Measures


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
        import vl_convert
    except ImportError:
        raise UsageError('figures need one more package: pip install "stormwatch[report]"') from None
    from stormwatch.signals.report.figures import KINDS

    drawn = str(vl_convert.vegalite_to_svg(json.dumps(KINDS[one["kind"]](one["picture"], measures))))
    start, rest = drawn.split(">", 1)
    words = (("title", one["title"]), ("desc", one["said"]))
    told = "".join(f'<{tag} id="{name}-{tag}">{escape(text)}</{tag}>' for tag, text in words)
    # Clip paths are numbered from 0 in every chart; two charts on one page must not share them.
    own = rest.replace('id="clip', f'id="{name}-clip').replace("url(#clip", f"url(#{name}-clip")
    return f'{start} role="img" aria-labelledby="{name}-title {name}-desc">{told}{own}'
