"""CIOMS I, the suspect adverse reaction report: boxes 1 to 26 in order, and continuation pages for what is too long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.safety.case import Group
from stormwatch.safety.forms.boxes import boxes

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

DASHES = "---"
_DATE = re.compile(r"\b\d{2}-[A-Z]{3}-\d{4}\b")
# How many characters a box holds on the form; ours, by its size on A4.
ROOM = {"7+13": 1100, "14": 150, "15": 150, "16": 80, "17": 110, "18": 150, "19": 90, "22": 420, "23": 330, "24a": 120,
        "26": 160}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its number and title, what stands on the form, and what goes on to a continuation page (or nothing)."""

    number: str
    title: str
    text: str
    more: str = ""
    page: int = 0


def filled(case: Group) -> tuple[Box, ...]:
    """Every box of the form, in order. What is not known is dashes; what is too long goes on to a numbered sheet.

    >>> [one.text for one in filled(Group("case")) if one.number in ("1", "2", "3")]
    ['---', '---', '---']
    """
    made, page = [], 0
    for number, title, text in boxes(case):
        shown, more = _fitted(text, ROOM.get(number, 60))
        if more:
            page += 1
            shown += f" … (continuation {page})"
        made.append(Box(number, title, shown or DASHES, more, page if more else 0))
    return tuple(made)


def html(case: Group) -> str:
    """The form as one page of HTML for A4; every value is escaped."""
    held = {one.number: one for one in filled(case)}
    number = held["24b"].more or held["24b"].text
    sheets = [one for one in held.values() if one.more]
    page: str = _template().render(b=held, number=number, sheets=sheets, checks=checks(case))
    return page


def pdf(case: Group) -> bytes:
    """The form as a PDF.

    Raises:
        UsageError: the extra ``report`` or the system library Pango is missing.
    """
    from stormwatch.reports.pdf import pdf as made

    return made(html(case))


def checks(case: Group) -> dict[str, bool]:
    """The boxes that are ticked. What is not known ticks none; a confounded dechallenge ticks nothing in 20."""
    reactions = case.each("E.i")
    links = [link for one in _suspects(case) for link in one.each("G.k.9.i")]
    stopped = {link.get("SW.dechallenge") for link in links} - {None}
    again = {link.get("G.k.9.i.4") for link in links}
    ticked = {name: any(one.get(f"E.i.3.2{letter}") == "true" for one in reactions) for letter, name in _CRITERIA}
    return {
        **ticked,
        "abated_yes": stopped == {"positive"},
        "abated_no": stopped == {"negative"},
        "abated_na": bool(_suspects(case)) and all(one.get("G.k.8") in ("4", "9") for one in _suspects(case)),
        "again_yes": "1" in again,
        "again_no": "2" in again and "1" not in again,
        "again_na": bool(again) and again <= {"4", None} and "4" in again,
        "study": case.get("C.1.3") == "2",
        "literature": bool(case.each("C.4.r")),
        "professional": any(one.get("C.2.r.4") in ("1", "2", "3") for one in case.each("C.2.r")),
        "authority": case.get("C.1.8.2") == "1",
        "initial": bool(case.get("C.1.4")) and case.get("C.1.4") == case.get("C.1.5"),
        "follow_up": bool(case.get("C.1.5")) and case.get("C.1.4") != case.get("C.1.5"),
    }


_CRITERIA = (
    ("a", "died"),
    ("b", "threat"),
    ("c", "hospital"),
    ("d", "disability"),
    ("e", "congenital"),
    ("f", "other"),
)


def _suspects(case: Group) -> list[Group]:
    return [one for one in case.each("G.k") if one.get("G.k.1") in ("1", "3")]


def _fitted(text: str, room: int) -> tuple[str, str]:
    """What fits, cut between words, and the whole text where it does not."""
    if len(text) <= room:
        return text, ""
    cut = text.rfind(" ", 0, room)
    return text[: cut if cut > 0 else room].rstrip(), text


def _whole_dates(text: str) -> Markup:
    """The text, escaped, with dates that are not broken over two lines."""
    from markupsafe import Markup, escape

    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["dates"] = _whole_dates
    return environment.from_string(Path(__file__).with_name("cioms.html.j2").read_text(encoding="utf-8"))
