"""The question every peer answers: HLH-2004 and HScore on the worst value of 72 h, with both ends of what is open.

Written here a second time, by hand from the publications and not from Stormwatch's own definitions: where the answers
agree, two readings of the papers do. Findings (spleen, marrow, NK cells, immunosuppression) are not among the signals,
so three criteria and 91 points stay open throughout.

A mark is one thing that is true of a patient for a while after a value: that the signal was measured, or that it was
beyond a cut-off. The marks of a signal stand in order, and each has all before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

HOUR = 3_600_000_000
WITHIN, LONG = 72 * HOUR, 14 * 24 * HOUR


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal with its unit, the decimals it is reported with, and the cut-offs the two instruments have for it."""

    name: str
    unit: str
    decimals: int
    cutoffs: tuple[tuple[str, str], ...]
    within: int = WITHIN

    @property
    def code(self) -> str:
        return f"LAB//{self.name}//{self.unit}"


# Cut-offs in the unit of the data: 1.5 and 4.0 mmol/L of triglycerides are 132.855 and 354.28 mg/dL.
SIGNALS = (
    Signal("temperature", "Cel", 1, ((">=", "38.4"), (">=", "38.5"), (">", "39.4"))),
    Signal("haemoglobin", "g/dL", 1, (("<=", "9.2"), ("<", "9.0"))),
    Signal("platelets", "10*9/L", 0, (("<=", "110"), ("<", "100"))),
    Signal("neutrophils", "10*9/L", 2, (("<", "1.0"),)),
    Signal("wbc", "10*9/L", 1, (("<=", "5.0"),)),
    Signal("ferritin", "ng/mL", 0, ((">=", "500"), (">=", "2000"), (">", "6000"))),
    Signal("triglycerides", "mg/dL", 0, ((">=", "132.855"), (">=", "265"), (">", "354.28"))),
    Signal("fibrinogen", "mg/dL", 0, (("<=", "250"), ("<=", "150"))),
    Signal("ast", "U/L", 0, ((">=", "30"),)),
    Signal("sil2r", "U/mL", 0, ((">=", "2400"),), LONG),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """``place`` counts the marks of its signal: 0 is that it was measured. ``bound`` lies between two values."""

    signal: Signal
    place: int
    above: bool = True
    bound: Decimal | None = None

    @property
    def name(self) -> str:
        return f"{self.signal.name}_{self.place}"

    def condition(self, value: str) -> str:
        """Whether a value has the mark, as SQL."""
        return "TRUE" if self.bound is None else f"{value} {'>' if self.above else '<'} {self.bound}"

    def has(self, value: float) -> bool:
        return self.bound is None or (value > self.bound if self.above else value < self.bound)


def bound(op: str, cutoff: str, decimals: int) -> Decimal:
    """Halfway between the last value that is not beyond a cut-off and the first that is.

    MEDS stores 32 bits, and 39.4 is 39.400002 there. Halfway between two values that are reported, nothing is lost.
    """
    step = Decimal(1).scaleb(-decimals)
    steps = Decimal(cutoff) / step
    if op in (">=", "<"):  # the first value that is not below
        edge = steps.to_integral_value(ROUND_CEILING)
        return (edge - Decimal("0.5")) * step
    edge = steps.to_integral_value(ROUND_FLOOR)  # the last value that is not above
    return (edge + Decimal("0.5")) * step


def _marks(signal: Signal) -> tuple[Mark, ...]:
    beyond = (
        Mark(signal, place, op.startswith(">"), bound(op, cutoff, signal.decimals))
        for place, (op, cutoff) in enumerate(signal.cutoffs, start=1)
    )
    return (Mark(signal, 0), *beyond)


MARKS = tuple(mark for signal in SIGNALS for mark in _marks(signal))

Has = Callable[[str, int], str]
"""SQL that says whether a mark holds, by its signal and place."""

ANSWERS = ("hlh_low", "hlh_high", "hscore_low", "hscore_high")
OPEN_CRITERIA, OPEN_POINTS = 3, 18 + 38 + 35
MOST = {"hlh": 5 + OPEN_CRITERIA, "hscore": 49 + 34 + 50 + 64 + 30 + 19 + OPEN_POINTS}

_HLH_LINEAGES = (("haemoglobin", 2), ("platelets", 2), ("neutrophils", 1))
_HSCORE_LINEAGES = (("haemoglobin", 1), ("wbc", 1), ("platelets", 1))
_TIERS = {
    "temperature": ((3, 49), (1, 33)),
    "ferritin": ((3, 50), (2, 35)),
    "triglycerides": ((3, 64), (1, 44)),
    "fibrinogen": ((1, 30),),
    "ast": ((1, 19),),
}


def answers(has: Has) -> dict[str, str]:
    """The four answers as SQL that DuckDB and Polars both read."""
    return {
        "hlh_low": " + ".join(_criteria(has, unknown=False)),
        "hlh_high": " + ".join([str(OPEN_CRITERIA), *_criteria(has, unknown=True)]),
        "hscore_low": " + ".join(_points(has, unknown=False)),
        "hscore_high": " + ".join([str(OPEN_POINTS), *_points(has, unknown=True)]),
    }


def _criteria(has: Has, *, unknown: bool) -> list[str]:
    """One for each criterion that holds, or with ``unknown`` may hold."""
    lipids = [has("triglycerides", 2), has("fibrinogen", 2)]
    lipids += [f"NOT {has(name, 0)}" for name in ("triglycerides", "fibrinogen")] if unknown else []
    alone = [("temperature", 2), ("ferritin", 1), ("sil2r", 1)]
    return [
        *(_one(_maybe(has, *mark, unknown=unknown)) for mark in alone),
        _one(f"{_lineages(has, _HLH_LINEAGES, unknown=unknown)} >= 2"),
        _one(" OR ".join(lipids)),
    ]


def _points(has: Has, *, unknown: bool) -> list[str]:
    low = _lineages(has, _HSCORE_LINEAGES, unknown=unknown)
    cytopenias = f"CASE WHEN {low} >= 3 THEN 34 WHEN {low} >= 2 THEN 24 ELSE 0 END"
    return [cytopenias, *(_tier(has, name, unknown=unknown) for name in _TIERS)]


def _tier(has: Has, name: str, *, unknown: bool) -> str:
    rows = [f"WHEN NOT {has(name, 0)} THEN {_TIERS[name][0][1] if unknown else 0}"]
    rows += [f"WHEN {has(name, place)} THEN {points}" for place, points in _TIERS[name]]
    return f"CASE {' '.join(rows)} ELSE 0 END"


def _lineages(has: Has, marks: tuple[tuple[str, int], ...], *, unknown: bool) -> str:
    return f"({' + '.join(_one(_maybe(has, *mark, unknown=unknown)) for mark in marks)})"


def _maybe(has: Has, name: str, place: int, *, unknown: bool) -> str:
    return f"{has(name, place)} OR NOT {has(name, 0)}" if unknown else has(name, place)


def _one(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"
