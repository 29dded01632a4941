"""The figures that were set, what was reached, and whether that is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Mapping[str, Any]]
_AT_LEAST, _AT_MOST = "at least", "at most"


@dataclass(frozen=True, slots=True)
class Figure:
    """``reached`` gives None where a part of it was not measured, or a peer's answer was not equal."""

    text: str
    sense: str
    target: float
    unit: str
    reached: Callable[[Results], float | None]

    @property
    def asked(self) -> str:
        return f"{self.sense} {self.target:g}{self.unit}"

    def holds(self, value: float) -> bool:
        return value >= self.target if self.sense == _AT_LEAST else value <= self.target


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table at the end; ``verdict`` is yes, no, or not measured."""

    text: str
    asked: str
    reached: str
    verdict: str


def rows(results: Results) -> Iterator[Row]:
    for figure in FIGURES:
        value = figure.reached(results)
        if value is None:
            yield Row(figure.text, figure.asked, "-", "not measured")
        else:
            yield Row(figure.text, figure.asked, f"{value:,.3g}{figure.unit}", "yes" if figure.holds(value) else "no")


def _of(results: Results, name: str, part: str) -> float | None:
    found = results.get(name, {})
    if "failed" in found or found.get("equal") is False or part not in found:
        return None
    return float(found[part])


def value(name: str, part: str) -> Callable[[Results], float | None]:
    return lambda results: _of(results, name, part)


def ratio(above: str, below: str, part: str = "seconds") -> Callable[[Results], float | None]:
    """How many times one thing the other takes."""

    def reached(results: Results) -> float | None:
        one, other = _of(results, above, part), _of(results, below, part)
        return None if one is None or not other else one / other

    return reached


def highest(names: tuple[str, ...]) -> Callable[[Results], float | None]:
    """The highest memory of several; None unless all of them were measured."""

    def reached(results: Results) -> float | None:
        found = [_of(results, name, "peak") for name in names]
        known = [one for one in found if one is not None]
        return max(known) if len(known) == len(names) else None

    return reached


_MEMORY = ("A, numba", "A shuffled, numba", "A whole run, two processes", "A whole run, shuffled")


def _against(peer: str, target: float, text: str) -> list[Figure]:
    """Rows of the input a second, ours to a peer's on the same rows. Peers use both cores, so two processes decide."""
    return [
        Figure(f"{text}: rows/s, {how}", _AT_LEAST, target, " x", ratio(peer, f"A, {how}", "per_row")) for how in _WAYS
    ]


def _bound(form: str, bound: str, target: float, text: str, ways: tuple[str, ...]) -> list[Figure]:
    """Ours to what DuckDB needs merely to read, or to sort, the same rows."""
    return [Figure(f"{text}, {how}", _AT_MOST, target, " x", ratio(f"A{form}, {how}", bound)) for how in ways]


_WAYS = ("numba, two processes", "NumPy, two processes", "numba", "NumPy")
_SHUFFLED = ("numba, two processes", "numba", "NumPy")


FIGURES = (
    *_against("ACES", 12, "ACES"),
    *_against("DuckDB self join", 8, "self-join SQL of MIMIC-code"),
    *_against("DuckDB delta sweep", 4, "best SQL, delta sweep"),
    *_against("DuckDB mask frames", 4, "SQL with frames of a mask"),
    *_against("pandas loop", 1000, "pandas loop"),
    *_bound(" shuffled", "scan and sort, shuffled", 1.5, "shuffled input to DuckDB's sort", _SHUFFLED),
    *_bound("", "scan, sorted", 2, "sorted input to reading the file", _WAYS),
    Figure("memory of A, whole runs too", _AT_MOST, 1, " GB", highest(_MEMORY)),
    Figure("B to A, numba", _AT_MOST, 5, " x", ratio("B, numba", "A, numba")),
    Figure("B to A, NumPy", _AT_MOST, 5, " x", ratio("B, NumPy", "A, NumPy")),
    Figure("B to A, whole runs", _AT_MOST, 5, " x", ratio("B whole run, two processes", "A whole run, two processes")),
    Figure(
        "ten times the patients: memory",
        _AT_MOST,
        1.5,
        " GB",
        highest(("A large, numba", "A large whole run, two processes")),
    ),
    Figure(
        "ten times the patients: time a row, numba", _AT_MOST, 1.1, " x", ratio("A large, numba", "A, numba", "per_row")
    ),
    Figure(
        "ten times the patients: time a row, NumPy", _AT_MOST, 1.1, " x", ratio("A large, NumPy", "A, NumPy", "per_row")
    ),
    Figure(
        "ten times the patients: time a row, whole run",
        _AT_MOST,
        1.1,
        " x",
        ratio("A large whole run, two processes", "A whole run, two processes", "per_row"),
    ),
    Figure("one patient, all instruments, NumPy", _AT_MOST, 10, " ms", value("one patient, NumPy", "median_ms")),
    Figure("a new fact, median", _AT_MOST, 1, " ms", value("one patient, monitor", "median_ms")),
    Figure("a new fact, 99 of 100", _AT_MOST, 1, " ms", value("one patient, monitor", "most_ms")),
    Figure("Spark to its own scan and sort", _AT_MOST, 1.7, " x", ratio("Spark whole run", "Spark scan and sort")),
    Figure("NumPy to numba, A", _AT_MOST, 4, " x", ratio("A, NumPy", "A, numba")),
    Figure("NumPy to numba, B", _AT_MOST, 4, " x", ratio("B, NumPy", "B, numba")),
)
