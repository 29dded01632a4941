"""How numbers, times and repeated rows are written for a reader. The JSON form holds them in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

_LONG = re.compile(r"\d+\.\d{3,}")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?")


def brief(text: str) -> str:
    """Numbers with many decimals in four significant figures; shorter ones and all else as they are.

    >>> brief("0 to 103.092784"), brief("3.167"), brief("23456.789")
    ('0 to 103.1', '3.167', '23457')
    """
    return _LONG.sub(lambda found: _shorter(float(found[0])), text)


def _shorter(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def plain_times(text: str) -> str:
    """Moments to the minute, as a person writes them.

    >>> plain_times("from 2024-01-10T10:00:00+01:00 on")
    'from 2024-01-10 10:00 on'
    """
    return _ISO.sub(r"\1 \2", text)


def grouped(rows: Iterable[dict[str, Any]], keys: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Rows that say the same in all keys together, in the order of the first of each.

    >>> grouped([{"a": 1, "b": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 3}], ["a"])
    [[{'a': 1, 'b': 1}, {'a': 1, 'b': 3}], [{'a': 2, 'b': 2}]]
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(repr([row[key] for key in keys]), []).append(row)
    return list(found.values())
