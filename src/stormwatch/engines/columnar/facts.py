"""The columns the engine reads: one row for each fact, sorted by patient and by when the fact can be used.

Numbers are float64, and a float64 stands for the shortest decimal that gives it: the number as the laboratory wrote
it, as long as that has at most 15 digits. ``lines`` says how the recorded numbers become canonical ones (exactly), so
that a value is compared with a cut-off in the unit it was recorded in. A float32 does not hold such a decimal and is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from stormwatch.errors import InputError
from stormwatch.facts import Limit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Line = tuple[Fraction, Fraction]
"""Slope and offset: canonical value = slope * recorded number + offset."""

CANONICAL: Line = (Fraction(1), Fraction(0))
MEASUREMENT, FINDING, EXPOSURE = "measurement", "finding", "exposure"
LEVELS = {limit: f"level over {limit.value}" for limit in Limit}
"""The kinds of a level in words, by what it is a multiple of."""
Name = tuple[str, str]
"""The kind of a fact and its name: ``("measurement", "ferritin")``."""

SEXES = ("", "female", "male", "other")


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row for each patient.

    ``born_first`` and ``born_last`` are days since 1970 between which the birth date lies (``UNBORN``: not recorded);
    ``sex`` is an index of ``SEXES``; ``death`` a moment or ``NEVER``. ``findings_complete`` and
    ``exposures_complete`` say whether whoever gave the record vouches that silence means no. ``first`` and ``last`` are
    the first and the last moment at which the record learnt anything, where facts are in it that are not in the
    columns; without them the columns decide.
    """

    born_first: Ints
    born_last: Ints
    sex: npt.NDArray[np.int8]
    death: Ints
    findings_complete: Bools
    exposures_complete: Bools
    first: Ints | None = None
    last: Ints | None = None

    def __len__(self) -> int:
        return len(self.sex)

    def between(self, start: int, stop: int) -> People:
        """Some patients."""
        return People(*(_part(getattr(self, one.name), start, stop) for one in fields(self)))


UNBORN = -(2**62)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Facts of many patients.

    ``patient`` is an index of ``people``, ``code`` one of ``names``. ``usable`` is the moment from which a fact counts
    (it has happened and is known). What a column that is left out means: ``time`` is ``usable``; ``known`` is
    ``usable``; ``high`` is ``low`` (every value is a point); no end is open; no limits; all in the canonical unit.

    ``low`` and ``high`` are the ends of a measured value or of a level in words, 1 or 0 for a finding present or
    absent, 1 or 0 for a drug given or expressly not given, and not a number for a drug only ordered. ``upper`` and
    ``lower`` are the reference limits printed with a value (not a number: none). For exposures, ``earliest`` is the
    first moment the start may have been, and ``stop`` the last moment of the course (``NEVER`` while it runs).
    """

    names: tuple[Name, ...]
    people: People
    patient: Ints
    usable: Ints
    code: Ints
    low: Floats
    high: Floats | None = None
    low_open: Bools | None = None
    high_open: Bools | None = None
    upper: Floats | None = None
    lower: Floats | None = None
    line: Ints | None = None
    time: Ints | None = None
    known: Ints | None = None
    earliest: Ints | None = None
    stop: Ints | None = None
    lines: tuple[Line, ...] = (CANONICAL,)

    def __len__(self) -> int:
        return len(self.patient)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The columns that are there, by name."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}

    def between(self, first: int, last: int) -> Facts:
        """The facts of the patients from ``first`` up to, not including, ``last``; their indexes start at zero."""
        start, stop = np.searchsorted(self.patient, (first, last))
        parts = {name: column[start:stop] for name, column in self.columns().items()}
        parts["patient"] = parts["patient"] - first
        return Facts(names=self.names, people=self.people.between(first, last), lines=self.lines, **parts)


def backwards(patient: Ints, usable: Ints) -> Ints:
    """The rows that stand before the one they should follow, by patient and by when they can be used."""
    back = np.flatnonzero(usable[1:] < usable[:-1])  # few: where a patient begins, and where the order is wrong
    back = np.append(back[patient[back] == patient[back + 1]], np.flatnonzero(patient[1:] < patient[:-1]))
    return np.unique(back) + 1


def check(facts: Facts, backwards: Callable[[Ints, Ints], Ints] = backwards) -> None:
    """Refuse columns that would give wrong rows.

    Raises:
        InputError: a column has another length or type (float32 among them), rows are not sorted by patient and by when
            they can be used, a fact can be used before it happened, a measured value is not a number, or its ends are
            crossed. The message names the column and the first row.
    """
    _check_types(facts)
    patient, usable = facts.patient, facts.usable
    if len(facts) and (patient[0] < 0 or patient[-1] >= len(facts.people)):
        raise InputError(f"patient indexes must lie between 0 and {len(facts.people) - 1}")
    _refuse(backwards(patient, usable), "rows are not sorted by patient and usable time; sort them first")
    if facts.time is not None:
        _refuse(np.flatnonzero(facts.time > usable), "a fact can be used before it happened")
    if facts.high is not None:
        _refuse(np.flatnonzero(facts.low > facts.high), "the lower end of a value lies above the upper end")
    without = np.flatnonzero(np.isnan(facts.low))
    measured = np.array([kind != EXPOSURE for kind, _ in facts.names], np.bool_)
    _refuse(without[measured[facts.code[without]]], "a measured value is not a number")


_FLOATS = frozenset(("low", "high", "upper", "lower"))
_FLAGS = frozenset(("low_open", "high_open"))


def _check_types(facts: Facts) -> None:
    for name, column in facts.columns().items():
        if len(column) != len(facts):
            raise InputError(f"column {name} has {len(column)} rows, column patient has {len(facts)}")
        kind = "f" if name in _FLOATS else "b" if name in _FLAGS else "iu"
        if column.dtype.kind not in kind or (kind == "f" and column.dtype.itemsize < 8):
            wanted = {"f": "float64", "b": "bool"}.get(kind, "whole numbers")
            raise InputError(f"column {name} is {column.dtype}, not {wanted}; a rounded value can cross a cut-off")


def _refuse(rows: Ints, why: str) -> None:
    if len(rows):
        raise InputError(f"row {rows[0]:,} (counted from 0): {why}")


def _part(column: Any, start: int, stop: int) -> Any:
    return None if column is None else column[start:stop]


_Table = TypeVar("_Table")


def taken(table: _Table, which: npt.NDArray[Any]) -> _Table:
    """Some rows of a table of columns; what is no column stays as it is."""
    parts = {one.name: getattr(table, one.name) for one in fields(table)}  # type: ignore[arg-type]
    return type(table)(**{name: _taken(part, which) for name, part in parts.items()})


def _taken(part: Any, which: npt.NDArray[Any]) -> Any:
    if isinstance(part, np.ndarray):
        return part[which]
    return taken(part, which) if is_dataclass(part) else part


def together(columns: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Columns one after the other; none at all are an empty one."""
    found = list(columns)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
