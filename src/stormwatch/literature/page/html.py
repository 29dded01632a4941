"""A reading as a page: the text with its facts marked and told in titles, no script, nothing fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Payload = dict[str, Any]
_TEMPLATES = Path(__file__).with_name("templates")


def reading_html(payload: Payload) -> str:
    """The page of a reading. Everything the report says is escaped.

    >>> from stormwatch.literature.page.payload import reading_payload
    >>> from stormwatch.sources.text import Saved, read_prose
    >>> page = reading_html(reading_payload(Saved(read_prose("She had fever <39 Cel.")), []))
    >>> "fever</mark> &lt;39 Cel." in page
    True
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("reading.html.j2").render(payload) + "\n"
