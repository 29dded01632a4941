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
    """Columns as in ``Facts``, with ``names`` and ``lines`` of their own; ``source`` is the row of the file."""

    names: tuple[Name, ...]
    lines: tuple[Line, ...]
    source: Ints
    columns: dict[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.source)


def assembled(parts: Iterable[Rows], people: People) -> Facts:
    """All rows as the facts of the people: by patient, by when they can be used, and ties as the reader orders them."""
    kept = [part for part in parts if len(part)]
    names = tuple(dict.fromkeys(name for part in kept for name in part.names))
    lines = tuple(dict.fromkeys(line for part in kept for line in part.lines)) or (CANONICAL,)
    columns = {name: _column(name, kept) for name in ("patient", "usable", "low")}
    columns["code"] = _renumbered("code", kept, [part.names for part in kept], names)
    columns["line"] = _renumbered("line", kept, [part.lines for part in kept], lines)
    wanted = {name for part in kept for name in part.columns if name in _OPTIONAL}
    if any(kind == EXPOSURE for kind, _ in names):
        wanted |= {"earliest", "stop"}
    columns |= {name: _column(name, kept) for name in _OPTIONAL if name in wanted}
    source = together([part.source for part in kept])
    order = _order(columns["patient"], columns["usable"], source)
    if order is not None:
        columns = {name: column[order] for name, column in columns.items()}
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
        column = part.columns[name]
        found.append(column if np.array_equal(new, np.arange(len(new))) else new[column])
    return together(found)


def _order(patient: Ints, usable: Ints, source: Ints) -> npt.NDArray[np.int64] | None:
    """The order of the rows; None where they stand in it already."""
    if _stand_in_order(patient, usable, source):
        return None
    text = source * 10 ** (18 - _digits(source))  # the reader orders ties by their place written as a text
    return np.lexsort((_digits(source), text, usable, patient))


def _stand_in_order(patient: Ints, usable: Ints, source: Ints) -> bool:
    """Whether each row stands after the one before it; sure only where ties are in the order the reader gives them."""
    new = patient[1:] != patient[:-1]
    back = usable[1:] < usable[:-1]
    back &= ~new
    if back.any() or (patient[1:] < patient[:-1]).any():
        return False
    ends = _digits(np.concatenate((source[:1], source[-1:])))
    if (ends[:1] == ends[1:]).all() and (source[1:] > source[:-1]).all():
        return True
    tied = np.flatnonzero((usable[1:] == usable[:-1]) & ~new)
    before, after = source[tied], source[tied + 1]
    return bool(((before <= after) & (_digits(before) == _digits(after))).all())


def _digits(numbers: Ints) -> Ints:
    found: Ints = np.searchsorted(10 ** np.arange(1, 18), numbers, side="right") + 1
    return found
