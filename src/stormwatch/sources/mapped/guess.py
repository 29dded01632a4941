"""What the texts of a column suggest: decimal signs, formats of dates. Undecided is ``?``, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from stormwatch.sources.mapped.files import OPEN

_NUMBER = re.compile(r"\d[\d.,]*\d")
_DATES = ("%d.%m.%Y", "%m.%d.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d")
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_FORMATS = (*_DATES, *_CLOCKS, *(f"{date} {clock}" for date in _DATES for clock in _CLOCKS))
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}(:\d{2})?")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")


def signs(texts: Iterable[str]) -> tuple[str, str, str]:
    """The decimal and the thousands sign, and why.

    >>> signs(["7,5", "138.244"])[:2]
    (',', '.')
    >>> signs(["138.244"])[:2]
    ('?', '')
    """
    tokens = [match[0] for text in texts if (match := _NUMBER.search(text)) and not match[0].isdecimal()]
    decimals = {sign for token in tokens if (sign := _decimal(token))}
    if not tokens:
        return ".", "", "no number has a sign"
    if len(decimals) > 1:
        return OPEN, "", "some numbers have a decimal comma and some a decimal point"
    if not decimals:
        return OPEN, "", "every sign stands before three digits: decimal or thousands, the numbers do not say"
    decimal = decimals.pop()
    other = "," if decimal == "." else "."
    thousands = other if any(other in token for token in tokens) else ""
    return decimal, thousands, f"some numbers can be read in no other way ({len(tokens)} have a sign)"


def time_format(texts: Iterable[str]) -> tuple[str, str]:
    """The one format that fits all times (empty for ISO 8601), and why."""
    filled = {text for text in texts if text}
    if not filled:
        return OPEN, "the column is empty in the rows looked at"
    if all(_ISO.fullmatch(text) for text in filled):
        return "", "ISO 8601"
    fitting = [form for form in _FORMATS if all(_fits(text, form) for text in filled)]
    if len(fitting) == 1:
        return fitting[0], "the only format that fits every row looked at"
    reason = f"{' or '.join(fitting[:2])}: both fit" if fitting else "no format known here fits every row"
    return OPEN, reason


def all_have_offsets(texts: Iterable[str]) -> bool:
    """Whether every time has an offset from UTC, so that no zone is needed."""
    return all(_OFFSET.search(text[10:]) for text in texts if text)


def _decimal(token: str) -> str:
    """The sign that can only be the decimal one in this number, or nothing."""
    last = max(token.rfind("."), token.rfind(","))
    sign, rest = token[last], token[last + 1 :]
    if len(set(re.findall(r"[.,]", token))) == 2:
        return sign
    return sign if token.count(sign) == 1 and (len(rest) != 3 or token.startswith("0") or last > 3) else ""


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True
