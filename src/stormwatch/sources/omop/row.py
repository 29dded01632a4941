"""One row of an OMOP table, as texts by what they are for, and its times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal, InvalidOperation

from stormwatch.facts import When
from stormwatch.sources.times import stop_after, when

_ZERO_FRACTION = re.compile(r"\.0+(?=$|[+Z-])")
# PostgreSQL and DuckDB write an offset of whole hours without its minutes.
_HOURS_ONLY = re.compile(r"(:\d\d(?:\.\d+)?[+-]\d\d)$")
_NUMBERS = frozenset({"number", "low", "high", "quantity", "year", "month", "day"})
_TIMES = frozenset({"datetime", "end_datetime", "birth"})
_MIDNIGHT = " 00:00:00"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; a column the store lacks, and a value it does not have, are empty texts.

    ``clocked`` is false where all times of this person in this table are midnight. By the data model's convention
    midnight stands for a time that is not known, so such times are read as days.
    """

    table: str
    cells: Mapping[str, str]
    clocked: bool = True

    def __getitem__(self, role: str) -> str:
        return self.cells.get(role, "")

    @property
    def record(self) -> str:
        return f"{self.table} {self['id']}"

    def start(self, zone: tzinfo | None) -> When:
        """When it happened. Raises Rejected when the row does not say."""
        return when(self._time(""), zone)

    def stop(self, time: When, zone: tzinfo | None) -> When | None:
        """When it ended; None when the row does not say, or for something that took no time."""
        end = stop_after(time, self._time("end_"), zone)
        return None if end is not None and end.is_exact and end.latest == time.latest else end

    def _time(self, side: str) -> str:
        clock, day = self[f"{side}datetime"], self[f"{side}date"]
        if clock and (self.clocked or not _is_midnight(clock)):
            return clock
        return (day or clock)[:10]


def rows_of(table: str, records: Iterable[Mapping[str, str]]) -> list[Row]:
    """The rows of one person in one table."""
    cells = list(records)
    times = [c[role] for c in cells for role in ("datetime", "end_datetime") if c.get(role)]
    clocked = not times or not all(map(_is_midnight, times))
    return [Row(table, c, clocked) for c in cells]


def text_of(role: str, value: str | None) -> str:
    """A cell as text that is the same whichever store it came from.

    >>> text_of("number", "5000.0"), text_of("datetime", "2024-03-02T06:00:00.000")
    ('5000', '2024-03-02 06:00:00')
    """
    text = (value or "").strip()
    if role in _NUMBERS:
        return _number(text)
    if role in _TIMES:
        return _HOURS_ONLY.sub(r"\1:00", _ZERO_FRACTION.sub("", text.replace("T", " ")))
    return text


def _number(text: str) -> str:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    if not exact.is_finite() or abs(exact.adjusted()) > 30:
        return text
    return f"{exact:f}".rstrip("0").rstrip(".") if "." in f"{exact:f}" else f"{exact:f}"


def _is_midnight(text: str) -> bool:
    return len(text) <= len("2024-03-02") or _MIDNIGHT in text
