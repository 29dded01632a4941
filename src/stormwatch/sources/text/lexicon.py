"""Names as data: a lexicon finds them in a sentence, whatever their spelling."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_OPTIONAL = re.compile(r"\((\w+)\)")
_GAP = re.compile(r"[ -]+")
_EDITION = r"-20\d\d|[ ]20\d\d\s+(?:criteria|protocol|guidelines?|trial|diagnostic|regimen)"
"""What makes a name that of a publication: HLH-2004. "ALT 2000" is a value."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found: ``text[start:end]`` of the sentence means ``id``."""

    start: int
    end: int
    id: str


class Lexicon:
    """Finds names, the longest at each place first. Names with a capital are matched as written, others in any case."""

    def __init__(self, names: Mapping[str, str]) -> None:
        exact = {spelling: id for name, id in names.items() if name != name.casefold() for spelling in spellings(name)}
        loose = {spelling: id for name, id in names.items() if name == name.casefold() for spelling in spellings(name)}
        self._ids = {**loose, **exact}
        parts = [(_regex(s), len(s)) for s in exact] + [(f"(?i:{_regex(s)})", len(s)) for s in loose]
        longest_first = "|".join(part for part, _ in sorted(parts, key=lambda part: -part[1]))
        self._pattern = re.compile(
            rf"(?<![A-Za-z0-9])(?:{longest_first})(?![A-Za-z0-9+]|-[a-z]*(?:free|naive|like|colou?red)\b|{_EDITION})"
        )

    def find(self, text: str) -> Iterator[Hit]:
        for match in self._pattern.finditer(text):
            folded = _GAP.sub(" ", match[0])
            id = self._ids.get(folded) or self._ids.get(folded.casefold())
            if id is not None:
                yield Hit(match.start(), match.end(), id)


def spellings(name: str) -> set[str]:
    """All spellings of a name: what is in brackets may be missing, a hyphen may be a space or nothing.

    >>> sorted(spellings("an(a)emia"))
    ['anaemia', 'anemia']
    >>> sorted(spellings("IL-6"))
    ['IL 6', 'IL6']
    """
    match = _OPTIONAL.search(name)
    if match:
        before, after = name[: match.start()], name[match.end() :]
        return spellings(before + after) | spellings(before + match[1] + after)
    if "-" in name:
        before, _, after = name.partition("-")
        return {f"{before}{gap}{rest}" for gap in ("", " ") for rest in spellings(after)}
    return {name}


def flat(table: Mapping[str, list[str]]) -> dict[str, str]:
    """From ``{id: names}`` to ``{name: id}``."""
    return {name: id for id, names in table.items() for name in names}


@cache
def data(file: str) -> dict[str, Any]:
    """A table of this room's data, read once."""
    text = files("stormwatch.sources.text").joinpath("data").joinpath(file).read_text("utf-8")
    return tomllib.loads(text)


def _regex(spelling: str) -> str:
    return re.escape(spelling).replace(r"\ ", "[ -]+")
