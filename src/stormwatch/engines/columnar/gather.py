"""From timelines to columns. (A cohort is fed from its store directly; this is for single patients and for tests.)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isinf, lcm, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.exact import decimal
from stormwatch.engines.columnar.facts import (
    CANONICAL,
    EXPOSURE,
    FINDING,
    LEVELS,
    MEASUREMENT,
    SEXES,
    UNBORN,
    Facts,
    Line,
    Name,
    People,
)
from stormwatch.engines.columnar.times import NEVER, day, micros
from stormwatch.errors import InputError
from stormwatch.facts import Exposure, Fact, Finding, Given, Interval, Level, Measurement, Number, Timeline, usable_from


def facts_of(timelines: Sequence[Timeline]) -> Facts:
    """The columns of some patients, in the order given.

    Raises:
        InputError: a value that float64 cannot hold exactly in any unit. The message names the analyte.

    >>> from stormwatch.testing.records import measured, record
    >>> facts_of([record([measured("ferritin", 900, 1), measured("ferritin", 9000, 2)])]).low.tolist()
    [900.0, 9000.0]
    """
    writing = _Writing()
    for patient, timeline in enumerate(timelines):
        for fact in sorted(timeline.facts, key=usable_from):
            writing.add(patient, fact)
    return writing.facts(people_of(timelines))


def people_of(timelines: Iterable[Timeline]) -> People:
    """Who they are, and what is vouched for."""
    rows = [_person(timeline) for timeline in timelines]
    columns = list(zip(*rows, strict=True)) or [()] * 6
    types = (np.int64, np.int64, np.int8, np.int64, np.bool_, np.bool_)
    return People(*(np.array(column, dtype=kind) for column, kind in zip(columns, types, strict=True)))


def _person(timeline: Timeline) -> tuple[int, int, int, int, bool, bool]:
    who = timeline.patient
    return (
        UNBORN if who.birth is None else day(who.birth.earliest.date()),
        UNBORN if who.birth is None else day(who.birth.latest.date()),
        SEXES.index(who.sex) if who.sex in SEXES else SEXES.index("other"),
        NEVER if who.death is None else micros(who.death.latest),
        "findings" in timeline.complete,
        "exposures" in timeline.complete,
    )


@dataclass(slots=True)
class _Writing:
    """The rows written so far."""

    names: dict[Name, int] = field(default_factory=dict)
    lines: dict[Line, int] = field(default_factory=lambda: {CANONICAL: 0})
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, patient: int, fact: Fact) -> None:
        name, numbers = self._numbers(fact)
        code = self.names.setdefault(name, len(self.names))
        times = (micros(usable_from(fact)), micros(fact.time.latest), micros(fact.known_at.latest))
        self.rows.append((patient, code, *times, *_course(fact), *numbers))

    def _numbers(self, fact: Fact) -> tuple[Name, tuple[Any, ...]]:
        if isinstance(fact, Measurement):
            return (MEASUREMENT, fact.analyte), self._valued(fact.value, fact.high, fact.low, fact.analyte)
        if isinstance(fact, Level):
            return (LEVELS[fact.relative_to], fact.analyte), self._valued(fact.value, None, None, fact.analyte)
        if isinstance(fact, Finding):
            said = float(fact.present)
            return (FINDING, fact.name), (said, said, False, False, nan, nan, 0)
        given = {Given.GIVEN: 1.0, Given.NOT_GIVEN: 0.0, Given.ORDERED: nan}[fact.given]
        return (EXPOSURE, fact.drug), (given, given, False, False, nan, nan, 0)

    def _valued(self, value: Interval, top: Number | None, bottom: Number | None, analyte: str) -> tuple[Any, ...]:
        ends = [value.low, value.high, top, bottom]
        line = line_for([end for end in ends if end is not None], analyte)
        low, high, upper, lower = (nan if end is None else recorded(end, line) for end in ends)
        place = self.lines.setdefault(line, len(self.lines))
        return low, high, not value.low_closed, not value.high_closed, upper, lower, place

    def facts(self, people: People) -> Facts:
        columns = list(zip(*self.rows, strict=True)) or [()] * len(_COLUMNS)
        arrays = {
            name: np.array(column, dtype=kind) for (name, kind), column in zip(_COLUMNS.items(), columns, strict=True)
        }
        needed = {name: column for name, column in arrays.items() if not _is_default(name, arrays)}
        return Facts(names=tuple(self.names), people=people, lines=tuple(self.lines), **needed)


_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("patient", "code", "usable", "time", "known", "earliest", "stop"), np.int64),
    "low": np.float64,
    "high": np.float64,
    "low_open": np.bool_,
    "high_open": np.bool_,
    "upper": np.float64,
    "lower": np.float64,
    "line": np.int64,
}


def _is_default(name: str, columns: dict[str, npt.NDArray[Any]]) -> bool:
    """Whether a column says nothing that ``Facts`` does not take for granted."""
    column = columns[name]
    if name in ("time", "known", "high"):
        usual = columns["low" if name == "high" else "usable"]
        return np.array_equal(column, usual, equal_nan=name == "high")
    if name in ("low_open", "high_open", "line"):
        return not column.any()
    return name in ("upper", "lower") and bool(np.isnan(column).all())


def _course(fact: Fact) -> tuple[int, int]:
    """The first moment the fact may have been, and the end of a course."""
    if not isinstance(fact, Exposure):
        return micros(fact.time.earliest), micros(fact.time.latest)
    running = fact.running and fact.stop is None
    return micros(fact.time.earliest), NEVER if running else micros((fact.stop or fact.time).latest)


def line_for(ends: Iterable[Number], analyte: str) -> Line:
    """A line on which every end is a number that float64 holds: the canonical one, or that of whole numerators."""
    finite = [Fraction(end) for end in ends if not isinf(end)]
    if all(decimal(float(end)) == end for end in finite):
        return CANONICAL
    shared = lcm(*(end.denominator for end in finite))
    if any(decimal(float(end * shared)) != end * shared for end in finite):
        raise InputError(f"a value of {analyte} has more digits than float64 holds; round it where it is recorded")
    return Fraction(1, shared), Fraction(0)


def recorded(end: Number, line: Line) -> float:
    """A canonical number as it stands on a line."""
    return float(end) if isinf(end) else float((end - line[1]) / line[0])
