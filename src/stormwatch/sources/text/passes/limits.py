"""Reference limits printed beside a value: "(normal 30-400 ng/mL)", "[<5]", "(ULN 40)"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stormwatch.sources.text.numbers import NUMBER
from stormwatch.sources.text.passes.values import unit_at

_WORDS = (
    r"(?:normal|reference|ref\.?|laboratory|lab)\s*(?:range|value|interval|limit|level)?s?|"
    r"NR|N\.R\.|RR|NV|N|ULN|LLN|upper limit of normal|upper normal limit"
    r"|lower limit of normal"
)
_CALLED = re.compile(
    rf"\b(?P<word>{_WORDS})\b\s*(?:is|was|:|=|,|of|being|for \w+)?\s*(?P<sign>[<>≤≥]|up "
    rf"to|less than|below|under)?\s*(?P<low>{NUMBER})"
    rf"(?P<unit>[^\d()\[\];]{{0,12}}?)(?:\s*(?:-|–|—|to)\s*(?P<high>{NUMBER}))?",
    re.IGNORECASE,
)
_SPACED = r"\d{1,3}, \d{3}(?![\d,])"  # thousands with a comma and a space: "4, 800 - 10,800"
_BRACKETED = re.compile(
    rf"[(\[]\s*(?:(?P<sign>[<≤])\s*)?(?P<low>{_SPACED}|{NUMBER})(?:\s*(?:-|–|—|to)\s*(?P<high>{_SPACED}|{NUMBER}))?(?P<rest>[^()\[\]]{{0,16}})[)\]]"
)

_ONLY_RANGES = frozenset({"n", "N", "NR", "RR", "NV", "rr", "nr"})  # a respiratory rate is RR, too


@dataclass(frozen=True, slots=True)
class Limit:
    """Printed limits as texts, empty where there is none, and their unit when one is printed."""

    start: int
    end: int
    low: str
    high: str
    unit: str = ""


def limits(text: str) -> list[Limit]:
    """Every printed limit of a sentence."""
    found = [_called(text, m) for m in _CALLED.finditer(text) if m["high"] or m["word"] not in _ONLY_RANGES]
    for match in _BRACKETED.finditer(text):
        bare = (match["sign"] or match["high"]) and not any(
            f.start < match.end() and match.start() < f.end for f in found
        )
        if bare and _follows_value(text, match.start()) and _only_unit(text, match):
            found.append(_bracketed(text, match))
    return found


def _called(text: str, match: re.Match[str]) -> Limit:
    unit, end = unit_at(text, match.end())
    start = match.start()
    if match["high"]:
        return Limit(start, end, match["low"], match["high"], unit)
    lower = match["word"].casefold() in ("lln", "lower limit of normal") or (match["sign"] or "") in (">", "≥")
    return Limit(start, end, match["low"], "", unit) if lower else Limit(start, end, "", match["low"], unit)


def _bracketed(text: str, match: re.Match[str]) -> Limit:
    low, high = (match[part] and match[part].replace(", ", ",") for part in ("low", "high"))
    unit, _ = unit_at(text, match.end("high") if match["high"] else match.end("low"))
    return Limit(match.start(), match.end(), low if high else "", high or low, unit)


def _follows_value(text: str, at: int) -> bool:
    """Whether a number with something of a unit stands just before the bracket."""
    return (
        re.search(r"\d[^\s()]*(?:\s*[^\s()]*/[^\s()]*|\s*[%°]\S*|\s*s(?:econds)?)?\s*$", text[max(0, at - 30) : at])
        is not None
    )


def _only_unit(text: str, match: re.Match[str]) -> bool:
    rest = match["rest"].strip()
    return not rest or unit_at(text, match.start("rest"))[1] >= match.start("rest") + len(match["rest"].rstrip())
