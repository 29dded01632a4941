"""Doses: amount, unit, how often, by which way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stormwatch.facts import plain
from stormwatch.sources.text.numbers import NUMBER, read_number

_MASS = r"mg|g|gm|grams?|mcg|[uµ]g|micrograms?|ng|milligrams?|mL|ml|IU|units?|U|mmol"
_PER = (
    r"kg|m2|m²|m\^2|m 2|m\s?\(2\)|sq\.? ?m|square met(?:er|re)|body weight|d|day|h|hr|"
    r"hour|min|minute|24\s?h|dose|wk|week"
)
_DOSE = re.compile(
    rf"(?<![\w.,/^])(?P<amount>{NUMBER})(?:\s*(?:-|–|to)\s*(?P<upper>{NUMBER}))?\s*-?(?P<unit>{_MASS})"
    rf"(?P<per>(?:\s*(?:/|per\s+)\s*(?:{_PER})(?![A-Za-z0-9]))*)"
    r"(?P<daily>\s+(?:per|a|each)\s+day|\s+per\s+(?:kg|kilogram)(?:\s+per\s+day)?|(?:/|"
    r" per )?24 ?h)?(?P<each>\s?/\s?(?:4|6|8|12|48)\s?h(?:ours|rs|r)?)?(?![A-Za-z0-9^]|/)",
)
_FREQUENCY = re.compile(
    r"(?P<frequency>every\s+(?:other\s+day|\d+(?:-\d+)?\s*(?:h|hrs?|hours?|days?|weeks?)|"
    r"(?:two|three|four|six|eight|twelve)\s+(?:hours?|days?|weeks?)|day|week|month)|q\.?\s?\d+\s?h(?:ours|"
    r"rs|r)?|q\d+w|(?:once|twice|three times|four times|\d times)"
    r"(?:\s+(?:a|per|each|every)\s+(?:day|week)|\s+daily|\s+weekly)?|daily|weekly|"
    r"BID|b\.i\.d\.?|bid|TID|TDS|tds|t\.i\.d\.?|tid|QID|QDS|qds|q\.i\.d\.?|OD|QD|BD|bd|qd|nocte)(?![A-Za-z])",
)
_ROUTE = re.compile(
    r"(?P<route>intravenous(?:ly)?|IV|i\.v\.|iv|oral(?:ly)?|PO|p\.o\.|by mouth|subcutaneous(?:ly)?|"
    r"SC|s\.c\.|SQ|intramuscular(?:ly)?|IM|i\.m\.|intrathecal(?:ly)?|IT|continuous(?:\s+\w+)?\s+infusion)(?![A-Za-z])"
)
_DURATION = re.compile(
    r"(?:for|over|×|x)\s+(?P<duration>(?:\d+|one|two|three|four|five|six|seven|ten)(?:\s*(?:-|to)\s*\d+)?"
    r"\s*(?:days?|weeks?|months?|hours?|h|doses?))",
    re.I,
)
_UNITS = {
    "gm": "g", "gram": "g", "grams": "g", "mcg": "ug", "µg": "ug", "microgram": "ug", "micrograms": "ug",
    "milligram": "mg", "milligrams": "mg", "unit": "IU", "units": "IU", "U": "IU", "ml": "mL",
}  # fmt: skip
_PERS = {
    "day": "d", "24h": "d", "24 h": "d", "hr": "h", "hour": "h", "minute": "min", "week": "wk", "m²": "m2", "m^2": "m2",
    "m 2": "m2", "m(2)": "m2", "m (2)": "m2", "sqm": "m2", "sq m": "m2", "square meter": "m2", "square metre": "m2",
}  # fmt: skip
_OFTEN_A_LEVEL = frozenset({"U", "IU", "mmol", "ng"})


@dataclass(frozen=True, slots=True)
class Dose:
    """A printed dose. ``text`` is its plain form: "8 mg/kg", "9 ug/d"."""

    start: int
    end: int
    text: str
    frequency: str = ""
    route: str = ""
    duration: str = ""


def doses(text: str) -> Iterator[Dose]:
    """Every dose of a sentence; a concentration (mg/dL) is none."""
    for match in _DOSE.finditer(text):
        if re.match(r"\s*/", text[match.end() :]) or (match["unit"] in _OFTEN_A_LEVEL and not match["per"].strip()):
            continue
        after = _behind(text, match.end())
        frequency, *more = (_found(pattern, after) for pattern in (_FREQUENCY, _ROUTE, _DURATION))
        each = re.sub(r"\D", "", match["each"] or "")
        yield Dose(match.start(), match.end(), _plain(match), f"every {each} h" if each else frequency, *more)


def _behind(text: str, start: int) -> str:
    """The words behind a dose, up to the next dose or the end of the clause."""
    tail = re.compile(r"[^.;]{0,60}").match(text, start)
    after = tail[0] if tail else ""
    following = _DOSE.search(after)
    return after[: following.start()] if following else after


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return " ".join(next(iter(match.groupdict().values())).split()) if match else ""


def _plain(match: re.Match[str]) -> str:
    amount = plain(read_number(match["amount"]).values[0])
    if match["upper"]:
        amount += f"-{plain(read_number(match['upper']).values[0])}"
    unit = _UNITS.get(match["unit"], match["unit"])
    per = [re.sub(r"^per\s+", "", p.strip()) for p in re.split(r"/|(?=\bper\b)", match["per"]) if p.strip()]
    per += [
        p for p in re.split(r"\s*per\s+|\s+", (match["daily"] or "").strip()) if p and p not in ("a", "each", "per")
    ]
    names = [_PERS.get(p, "kg" if p == "kilogram" else p) for p in per]
    return f"{amount} {'/'.join([unit, *names])}"
