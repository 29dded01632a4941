"""Drawings as SVG that stands inside a page: no script, no outside address, named for a screen reader."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from stormwatch.errors import UsageError
from stormwatch.reports.charts import specification
from stormwatch.reports.messages import Messages
from stormwatch.reports.sheet import WIDE, Measures


def svg(figure: dict[str, Any], *, name: str, measures: Measures = WIDE, said: Messages | None = None) -> str:
    """One picture of a report as an ``<svg>`` element with a title and a description.

    Args:
        figure: one of the ``pictures`` of a report: its title, what it says in words, and its data.
        name: makes the ids inside unique on the page.
        measures: of the sheet, in pixels.
        said: the messages of a language; English without.

    Raises:
        UsageError: the extra ``report`` is not installed.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.report import report
    >>> svg(report(sw.follow(sw.answers({"temperature": "39.1 Cel"})))["pictures"][0], name="figure")[:4]
    '<svg'
    """
    drawing = specification(figure["picture"], measures=measures, said=said)
    return inline(drawing, name=name, title=figure["title"], said=figure["said"])


def inline(drawing: dict[str, Any], *, name: str, title: str, said: str) -> str:
    """A drawing in the grammar of Vega-Lite as an ``<svg>`` element to stand inside a page.

    Args:
        drawing: the whole drawing, with its rows.
        name: makes the ids inside unique on the page.
        title: what a screen reader calls it.
        said: what it shows, in words.

    Raises:
        UsageError: the extra ``report`` is not installed.

    >>> drawing = {"data": {"values": [{}]}, "mark": "point"}
    >>> inline(drawing, name="one", title="A point", said="One point.").endswith("</svg>")
    True
    """
    start, rest = _rendered(drawing).split(">", 1)
    words = (("title", title), ("desc", said))
    told = "".join(f'<{tag} id="{name}-{tag}">{escape(text)}</{tag}>' for tag, text in words)
    return f'{start} role="img" aria-labelledby="{name}-title {name}-desc">{told}{_own_ids(rest, name)}'


def _rendered(drawing: dict[str, Any]) -> str:
    try:
        import vl_convert
    except ImportError:
        raise UsageError('figures need one more package: pip install "stormwatch[report]"') from None
    return str(vl_convert.vegalite_to_svg(json.dumps(drawing)))


def _own_ids(drawn: str, name: str) -> str:
    """Clip paths are numbered from 0 in every chart; two charts on one page must not share them."""
    return drawn.replace('id="clip', f'id="{name}-clip').replace("url(#clip", f"url(#{name}-clip")
