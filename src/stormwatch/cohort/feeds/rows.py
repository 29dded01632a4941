"""Rows of the engine while they are gathered from several places, each with the row of the file it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.facts import CANONICAL, EXPOSURE, Facts, Ints, Line, Name, People

_FILLED = {"low_open": False, "high_open": False, "upper": np.nan, "lower": np.nan}
_OPTIONAL = ("high", "low_open", "high_open", "upper", "lower", "time", "known", "earliest", "stop")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns as in ``Facts``, with ``names`` and ``lines`` of their own; ``source`` is the row of the file.

    Without ``source`` they are in order already, and stand alone.
    """

    names: tuple[Name, ...]
    lines: tuple[Line, ...]
    source: Ints | None
    columns: dict[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["patient"]) if self.columns else 0


def assembled(parts: Iterable[Rows], people: People) -> Facts:
    """All rows as the facts of the people: by patient, by when they can be used, and ties as the reader orders them."""
    kept = [part for part in parts if len(part)]
    names = tuple(dict.fromkeys(name for part in kept for name in part.names))
    lines = tuple(dict.fromkeys(line for part in kept for line in part.lines)) or (CANONICAL,)
    columns = {name: _column(name, kept) for name in ("patient", "usable", "low")}
    columns["code"] = _renumbered("code", kept, [part.names for part in kept], names)
    if len(lines) > 1:
        columns["line"] = _renumbered("line", kept, [part.lines for part in kept], lines)
    wanted = {name for part in kept for name in part.columns if name in _OPTIONAL}
    if any(kind == EXPOSURE for kind, _ in names):
        wanted |= {"earliest", "stop"}
    columns |= {name: _column(name, kept) for name in _OPTIONAL if name in wanted}
    sources = [part.source for part in kept if part.source is not None]
    order = _order(columns["patient"], columns["usable"], together(sources)) if sources else None
    if order is not None:
        columns = {name: column.take(order) for name, column in columns.items()}
    return Facts(names=names, people=people, lines=lines, **columns)


def together(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Columns one after the other; one alone is not copied."""
    if len(columns) == 1:
        return columns[0]
    return np.concatenate(columns) if columns else np.zeros(0, np.int64)


def _column(name: str, parts: Sequence[Rows]) -> npt.NDArray[Any]:
    """One column of all parts; what a part leaves out is what ``Facts`` takes it to be."""
    found = [part.columns[name] if name in part.columns else _usual(name, part) for part in parts]
    return together(found) if found else np.zeros(0, np.float64 if name == "low" else np.int64)


def _usual(name: str, part: Rows) -> npt.NDArray[Any]:
    if name in _FILLED:
        return np.full(len(part), _FILLED[name])
    return part.columns["low" if name == "high" else "usable"]


def _renumbered(
    name: str, parts: Sequence[Rows], own: Sequence[Sequence[Any]], shared: Sequence[Any]
) -> npt.NDArray[np.int64]:
    """Places in each part's own list as places in the shared one."""
    places = {one: place for place, one in enumerate(shared)}
    found = []
    for part, listed in zip(parts, own, strict=True):
        new = np.array([places[one] for one in listed], np.int64)
        column = part.columns[name] if name in part.columns else np.zeros(len(part), np.int64)
        found.append(column if np.array_equal(new, np.arange(len(new))) else new[column])
    return together(found)


def _order(patient: Ints, usable: Ints, source: Ints) -> npt.NDArray[np.int64] | None:
    """The order by patient and time, and of ties by place written as a text, as the reader has it; None: as they are.

    A file that is in the order of patients and times need only be put back into the order of its rows.
    """
    order = None
    if not _stand(patient, usable, source):
        order = np.argsort(source, kind="stable")
        patient, usable, source = patient[order], usable[order], source[order]
        if not _is_rising(patient, usable):
            again = np.lexsort((_digits(source), _text(source), usable, patient))
            return order[again]
    ties = _of_ties(patient, usable, source)
    return order if ties is None else ties if order is None else order[ties]


def _stand(patient: Ints, usable: Ints, source: Ints) -> bool:
    """Whether each row stands after the one before it by patient, time and place."""
    if not _is_rising(patient, usable):
        return False
    back = np.flatnonzero(source[1:] < source[:-1])
    return not ((patient[back] == patient[back + 1]) & (usable[back] == usable[back + 1])).any()


def _is_rising(patient: Ints, usable: Ints) -> bool:
    """Whether each row stands after the one before it by patient and time."""
    back = np.flatnonzero(usable[1:] < usable[:-1])  # few: where a patient begins, and where the order is wrong
    return not ((patient[back] == patient[back + 1]).any() or (patient[1:] < patient[:-1]).any())


def _of_ties(patient: Ints, usable: Ints, source: Ints) -> npt.NDArray[np.int64] | None:
    """The order of rows that rise: only where places grow by a digit may ties stand otherwise. None: as they are."""
    growing = _growing(source)
    tied = growing[(patient[growing - 1] == patient[growing]) & (usable[growing - 1] == usable[growing])]
    order = np.arange(len(source)) if len(tied) else None
    for row in tied.tolist():
        assert order is not None
        rows = np.flatnonzero((patient == patient[row]) & (usable == usable[row]))
        order[rows] = rows[np.lexsort((_digits(source[rows]), _text(source[rows])))]
    return order


def _growing(source: Ints) -> Ints:
    """The rows whose places are a digit longer than those before them."""
    if (source[1:] < source[:-1]).any():
        return np.flatnonzero(_digits(source[1:]) > _digits(source[:-1])) + 1
    found = np.searchsorted(source, 10 ** np.arange(1, 18))
    return found[(found > 0) & (found < len(source))]


def _text(numbers: Ints) -> Ints:
    """Numbers that rise as the texts of these do, but for their length."""
    found: Ints = numbers * 10 ** (18 - _digits(numbers))
    return found


def _digits(numbers: Ints) -> Ints:
    found: Ints = np.searchsorted(10 ** np.arange(1, 18), numbers, side="right") + 1
    return found
