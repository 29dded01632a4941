"""Numbers with a unit, as they stand in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from stormwatch import analytes
from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.numbers import NUMBER, read_number

_COMPARATORS = {
    ">": ">", "<": "<", "≥": ">=", "≤": "<=", ">=": ">=", "<=": "<=", "=>": ">=", "=<": "<=", "> =": ">=", "< =": "<=",
    "more than": ">", "greater than": ">", "over": ">", "above": ">", "exceeding": ">", "exceeded": ">",
    "in excess of": ">", "higher than": ">", "at least": ">=", "less than": "<", "below": "<", "under": "<",
    "lower than": "<", "at most": "<=", "not more than": "<=",
}  # fmt: skip
_SIGN = "|".join(sorted((re.escape(c).replace(r"\ ", r"\s+") for c in _COMPARATORS), key=len, reverse=True))
_VALUE = re.compile(
    rf"(?:(?P<sign>{_SIGN})\s*)?(?<![\w.^,])(?<![a-z]-)(?<!\d[x×])(?<!\d [x×])(?<!\d[x×] "
    rf")(?<!\d [x×] )(?P<first>{NUMBER})(?![\d^])"
    rf"(?:(?P<shared>[^\d,;()]{{0,12}}?)\s*(?P<join>-|–|—|to|and|/)\s*(?P<second>{NUMBER})(?![\d^]))?",
    re.IGNORECASE,
)
_POWER = re.compile(
    r"\s*[x×]\s*10\s*(?:\^\s*\(?(?P<digit>\d)\)?|(?P<raised>[²³⁴⁵⁶⁷⁸⁹])|(?P<lost>[2-9])(?=\s*(?:/|cells|per)))"
)
_RAISED = str.maketrans("²³⁴⁵⁶⁷⁸⁹", "23456789")
_RANGING = re.compile(
    r"(?:rang(?:ed|ing|es|e)(?: (?:widely )?(?:from|of))?|between|varied (?:from|between))\s*$", re.IGNORECASE
)
_CHANGING = re.compile(r"\bfrom\s*(?:a |an )?(?:\w+ of )?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """A printed value: ``text[start:end]`` of the sentence. ``second`` is the other end of a range."""

    start: int
    end: int
    first: str
    second: str = ""
    sign: str = ""
    unit: str = ""
    pair: bool = False


def values(text: str) -> Iterator[Value]:
    """Every number of a sentence, with the unit behind it. A change ("from 500 to 12,000") is two values."""
    at = 0
    while match := _VALUE.search(text, at):
        found = _read(text, match)
        yield from found
        at = max(found[-1].end, match.start() + 1)


def _read(text: str, match: re.Match[str]) -> list[Value]:
    sign = _COMPARATORS[" ".join((match["sign"] or "").casefold().split())] if match["sign"] else ""
    single = _with_unit(text, Value(match.start(), match.end("first"), match["first"], sign=sign))
    if match["second"] is None:
        return [single]
    return _two(text, match, single)


def _two(text: str, match: re.Match[str], single: Value) -> list[Value]:
    """A range, a change, a pair such as 84/42, or a number that has another one behind it by chance."""
    join, before = match["join"].casefold(), text[: match.start()]
    other = _with_unit(text, Value(match.start("second"), match.end("second"), match["second"]))
    plain = not (match["shared"] or "").strip()
    same = plain or (single.unit and unit_at(text, match.end("first"))[1] >= match.start("join"))
    if not same:
        return [single]
    unit = single.unit or other.unit
    ranging = bool(_RANGING.search(before))
    if join == "/" or (join in ("to",) and _CHANGING.search(before) and not ranging):
        return [replace(single, unit=unit, pair=join == "/"), replace(other, unit=other.unit or unit, pair=join == "/")]
    if join == "and" and not ranging:
        return [single]
    if join == "to" and not ranging and not plain:
        return [single]
    start = match.start("first") if ranging else match.start()
    return [Value(start, other.end, match["first"], match["second"], single.sign, unit)]


def _with_unit(text: str, value: Value) -> Value:
    code, end = unit_at(text, value.end)
    power = None if code else _POWER.match(text, value.end)
    if power is not None:
        code, end = unit_at(text, power.end())
        factor = 10 ** int((power["digit"] or power["raised"] or power["lost"]).translate(_RAISED))
        value = replace(value, first=str(read_number(value.first).values[0] * factor)) if code else value
    return replace(value, unit=code, end=end) if code else value


def unit_at(text: str, start: int) -> tuple[str, int]:
    """The unit that begins at a place of the text, after any space, and where it ends; empty when there is none."""
    found: tuple[str, int] = ("", start)
    space = re.compile(r"\s*").match(text, start)
    at = space.end() if space else start
    for pattern, code in _units():
        match = pattern.match(text, at)
        if match and match.end() > max(found[1], at):
            found = (code or " ".join(match[0].split()), match.end())
    return found


@cache
def _units() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The spellings of prose, then those of the unit table (whose code is what is written)."""
    prose = [
        (re.compile(rf"(?:{u['pattern']})(?![A-Za-z0-9])", re.IGNORECASE), u["code"])
        for u in data("units.toml")["unit"]
    ]
    table = {
        s
        for dimension in analytes.units().values()
        for s in dimension
        if "/" in s or s in ("%", "g%", "mg%", "mmhg", "kpa")
    }
    spelled = "|".join(_loose(s) for s in sorted(table, key=len, reverse=True))
    return (*prose, (re.compile(rf"(?:{spelled})(?![A-Za-z0-9])", re.IGNORECASE), ""))


def _loose(spelling: str) -> str:
    """A spelling of the unit table as a pattern: spaces around the stroke, either sign for micro, FEU apart."""
    pattern = re.escape(spelling).replace("/", r"\s*/\s*")
    pattern = re.sub(r"(?<![a-z])u(?=[gml])", "[uµ]", pattern)
    return re.sub(r"(feu|ddu)$", r"\\s*\1", pattern)
