"""Time expressions of a sentence, in a plain form: "cycle 2 day 3", "+48 h", "hospital day 4", "admission"."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cache

from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.numbers import NUMBER_WORD, ORDINALS, number_word
from stormwatch.sources.text.passes.drugs import drug_hits

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_STEPS = {"h": ("h", 1), "d": ("d", 1), "w": ("d", 7), "m": ("mo", 1)}
_EVENT_REACH = 40
_PRINTING = re.compile(
    r"\b(?:published|received|accepted|revised|epub|submitted|accessed)(?: online)?[: ]+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Time:
    """A time expression: ``text[start:end]`` of the sentence in a plain form.

    A ``weak`` one is no expression but a verb such as "presented", and gives way to any other.
    """

    start: int
    end: int
    plain: str
    weak: bool = False


def times(text: str) -> list[Time]:
    """The time expressions of a sentence, in order; of two at one place, the fuller one.

    >>> [time.plain for time in times("On day 3 of cycle 2; two weeks later; on hospital day 4")]
    ['cycle 2 day 3', '+14 d', 'hospital day 4']
    """
    found: list[Time] = []
    for name, pattern in _patterns():
        for match in pattern.finditer(text):
            if _history(text, match) or any(t.start < match.end() and match.start() < t.end for t in found):
                continue
            plain = _plain(name, match)
            if not plain:
                continue
            behind = "event" in pattern.groupindex and match["event"] and match.end("event") == match.end()
            end = match.start("event") if behind else match.end()
            found.append(Time(match.start(), end, plain))
    if not found and (weak := _presenting().search(text)):
        found.append(Time(weak.start(), weak.end(), "admission", weak=True))
    return sorted(found, key=lambda t: t.start)


def _history(text: str, match: re.Match[str]) -> bool:
    """Whether it is how long something has lasted ("a three-day history"), or when the report was published."""
    return bool(re.match(r"[\s-]*history\b", text[match.end() :]) or _PRINTING.search(text, 0, match.start()))


def _plain(name: str, match: re.Match[str]) -> str:
    parts = {key: value for key, value in match.groupdict().items() if value}
    if name in ("cycle", "cycle_day"):
        cycle = parts.get("cycle") or parts.get("cycle_nth", "")
        day = f" day {int(parts['day'])}" if "day" in parts else ""
        return f"cycle {_ordinal(cycle)}{day}"
    if name in ("hospital_day", "day"):
        return f"{'hospital ' if name == 'hospital_day' else ''}day {int(parts.get('day') or parts['day2'])}"
    if name in ("day_nth", "hospital_nth"):
        return f"{'hospital ' if name == 'hospital_nth' else ''}day {_ordinal(parts['nth'])}"
    if name in ("before", "after", "into", "later"):
        return _offset(name, parts)
    if name == "after_day":
        return f"+{int(parts['n'])} d after {_event(parts['event'])}"
    if name == "date":
        return _date(parts)
    return "+1 d" if name == "next_day" else name


def _offset(name: str, parts: dict[str, str]) -> str:
    count = number_word(parts["n"]) or 0
    unit, factor = _STEPS[parts["unit"][0].casefold()]
    step = f"{'-' if name == 'before' else '+'}{count * factor} {unit}"
    if name == "later":
        return step
    return f"{step} {'before' if name == 'before' else 'after'} {_event(parts['event'])}"


def _ordinal(text: str) -> int:
    folded = text.casefold()
    return ORDINALS.get(folded) or number_word(re.sub(r"(?:st|nd|rd|th)$", "", folded)) or 0


def _event(text: str) -> str:
    """The event after which something was; a drug by its id, others by a plain word."""
    drugs = [hit for hit in drug_hits(text) if hit.start < _EVENT_REACH]
    for name, pattern in data("times.toml")["events"].items():
        found = re.search(pattern, text[:_EVENT_REACH], re.IGNORECASE)
        if found and (name == "infusion" or not drugs or drugs[0].start > found.start()):
            return str(name)
    return drugs[0].id if drugs else "event"


def _date(parts: dict[str, str]) -> str:
    """A date as 2021-03-04, without its year as --03-04; both readings of 03/04/2021; empty when it is none."""
    if "iso" in parts:
        year, month, day = map(int, re.split(r"[-/.]", parts["iso"]))
        return _calendar(year, month, day)
    if "either" in parts:
        first, second, year = map(int, re.split(r"[/.]", parts["either"]))
        readings = [_calendar(year, second, first), _calendar(year, first, second)]
        return " or ".join(dict.fromkeys(sorted(filter(None, readings))))
    printed, name, written = (parts.get(k) or parts.get(f"{k}2", "") for k in ("d", "m", "y"))
    month = next(i for i, each in enumerate(_MONTHS, 1) if each.startswith(name[:3]))
    return _calendar(int(written) if written else None, month, int(printed))


def _calendar(year: int | None, month: int, day: int) -> str:
    try:
        datetime.date(year or 2000, month, day)
    except ValueError:
        return ""
    return f"{year or '-'}-{month:02d}-{day:02d}"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    parts = {
        **data("times.toml")["parts"],
        "n": rf"(?P<n>\d{{1,3}}|{NUMBER_WORD})",
        "month": f"(?:{'|'.join((*_MONTHS, 'Sept', *(m[:3] for m in _MONTHS if m != 'May')))})",
    }
    return tuple((t["name"], re.compile(_filled(t["pattern"], parts), re.I)) for t in data("times.toml")["time"])


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name in ("nth", "cycle", "event", "n", "unit", "month", "stay"):
        pattern = pattern.replace(f"{{{name}}}", parts[name])
    return pattern


@cache
def _presenting() -> re.Pattern[str]:
    return re.compile(data("times.toml")["presenting"]["pattern"], re.IGNORECASE)
