"""Values as local tables write them: decimal signs, numbers beside texts, numbers stored with few bits."""

from __future__ import annotations

import re
import struct
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import isfinite, isnan

from stormwatch.analytes import read_value
from stormwatch.facts import Interval
from stormwatch.sources.draft import Rejected

DIFFER = "the number and the text beside it differ"
SIGNS = "a number that does not fit the decimal and thousands signs of the map"


@lru_cache(maxsize=65_536)  # records repeat their values
def shortest_float32(value: float) -> str:
    """The shortest decimal that is stored as the same float32.

    A float32 holds 39.4 as 39.400001525878906, which is above a cut-off of 39.4. Whatever had up to six figures is
    recovered as it was written.

    >>> shortest_float32(39.400001525878906)
    '39.4'
    """
    if not isfinite(value):
        return str(value)
    texts = (f"{value:.{figures}g}" for figures in range(6, 9))
    return next((text for text in texts if _as_float32(text) == value), f"{value:.9g}")


def cell_text(cell: object) -> str:
    """A cell as text: numbers in their shortest form, dates in ISO 8601, nothing for an empty cell."""
    if cell is None or (isinstance(cell, float) and isnan(cell)):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell).strip()


def number_text(cell: object, decimal: str, thousands: str) -> str:
    """A value with a decimal point and no thousands sign. Only texts are changed: a stored number has no signs.

    Raises:
        Rejected: a number in the text does not fit the two signs.

    >>> number_text("> 1.234,5", decimal=",", thousands=".")
    '> 1234.5'
    >>> number_text(138.244, decimal=",", thousands=".")
    '138.244'
    """
    text = cell_text(cell)
    if not isinstance(cell, str) or (decimal == "." and not thousands):
        return text
    group = re.escape(thousands)
    token = rf"\d(?:[\d.,{group}]*\d)?"
    whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)" if thousands else r"\d+"
    number = re.compile(rf"{whole}(?:{re.escape(decimal)}\d+)?")

    def plain(match: re.Match[str]) -> str:
        if number.fullmatch(match[0]) is None:
            raise Rejected(SIGNS)
        return (match[0].replace(thousands, "") if thousands else match[0]).replace(decimal, ".")

    return re.sub(token, plain, text)


def one_value(number: str, text: str) -> str:
    """The value of a record that has a number and a text beside it.

    An empty number leaves the text ("GREATER THAN 2000"). Where both say something, the text may add only a bound to
    the same number; a text that is no value is a remark.

    Raises:
        Rejected: they differ.

    >>> one_value("2000", "> 2000")
    '> 2000'
    """
    if not number or not text:
        return number or text
    stated, said = _read(number), _read(text)
    if said is None or said == stated:
        return number
    if stated is not None and stated.is_point and stated.low in (said.low, said.high):
        return text
    raise Rejected(DIFFER)


def _read(text: str) -> Interval | None:
    try:
        return read_value(text)
    except ValueError:
        return None


def _as_float32(text: str) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", float(text)))[0])
    except OverflowError:
        return float("inf")
