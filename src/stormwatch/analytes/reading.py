"""Reading a recorded value: a number, a bound or a range, and nothing that has to be guessed."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from stormwatch.facts import Interval

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,2})?"
_WORDS = r"greater than or equal to|less than or equal to|greater than|less than"
_VALUE = re.compile(
    rf"(?P<comparator>>=|<=|[<>≥≤=]|{_WORDS})?\s*(?P<low>{_NUMBER})(?:\s*(?:-|–|\bto\b)\s*(?P<high>{_NUMBER}))?",
    re.IGNORECASE,
)
_ANY_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[<>=+-]*\s*(?:nan|inf|infinity)", re.IGNORECASE)
_LONGEST = 64

_COMPARATORS = {
    "": "",
    "=": "",
    ">": ">",
    "<": "<",
    ">=": ">=",
    "<=": "<=",
    "≥": ">=",
    "≤": "<=",
    "greater than": ">",
    "less than": "<",
    "greater than or equal to": ">=",
    "less than or equal to": "<=",
}


def read_value(text: str, comparator: str = "") -> Interval:
    """The interval that a recorded value means, in whatever unit it was recorded.

    A number is a point. ``> 40000``, ``GREATER THAN 2000`` and a number with a comparator beside it are everything
    beyond the bound; a lower bound is infinite here even where the quantity cannot be negative. ``3-5`` and ``3 to 5``
    are closed ranges.

    Raises:
        ValueError: there is no value, it is not a finite number, there is more than one, or it has a comma, which
            may be a decimal or a thousands separator. The message does not repeat the value.

    >>> read_value("GREATER THAN 2000")
    Interval('> 2000')
    >>> read_value("3 to 5")
    Interval('3 to 5')
    """
    return _read(text, comparator)


# Records repeat their values: a thousand patients share a few thousand different texts.
@lru_cache(maxsize=16384)
def _read(text: str, comparator: str) -> Interval:
    match = _VALUE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(_reason(text.strip()))
    sign = _one_comparator(_comparator(match["comparator"] or ""), _comparator(comparator))
    low = Fraction(match["low"])
    if match["high"] is None:
        return _bounded(sign, low)
    if sign:
        raise ValueError("a comparator beside a range")
    return _range(low, Fraction(match["high"]))


def _comparator(text: str) -> str:
    known = _COMPARATORS.get(" ".join(text.split()).casefold())
    if known is None:
        raise ValueError("unknown comparator")
    return known


def _one_comparator(written: str, beside: str) -> str:
    if written and beside and written != beside:
        raise ValueError("two comparators that differ")
    return written or beside


def _bounded(sign: str, bound: Fraction) -> Interval:
    if not sign:
        return Interval.point(bound)
    closed = sign.endswith("=")
    return Interval.above(bound, closed=closed) if sign[0] == ">" else Interval.below(bound, closed=closed)


def _range(low: Fraction, high: Fraction) -> Interval:
    if low > high:
        raise ValueError("a range that runs backwards")
    return Interval(low, high)


def _reason(text: str) -> str:
    """Why a text is no value, in words that do not repeat it."""
    if not text:
        return "no value"
    if _NOT_FINITE.fullmatch(text):
        return "not a finite number"
    if "," in text and _ANY_NUMBER.search(text):
        return "a comma in the number: decimal or thousands separator, it does not say"
    if len(_ANY_NUMBER.findall(text)) > 1:
        return "more than one number"
    return "not a number"
