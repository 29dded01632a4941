"""A row looked up by plain values, without a course: the dose for a weight, the restart after a toxicity."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stormwatch.errors import UsageError
from stormwatch.facts import Interval, Number
from stormwatch.guidance.computed import from_base
from stormwatch.guidance.known import Value, compared
from stormwatch.guidance.schema import Document, Interruption, Row, ToxicityRow, WeightDose
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose in mg as the document computes it, and the row that says so."""

    mg: Fraction
    row: WeightDose


@dataclass(frozen=True, slots=True)
class Restart:
    """What the document says of restarting, whether the interruption stays within the cycle (None: not told), and
    the row that says so."""

    row: ToxicityRow
    same_cycle: bool | None


def dose_for_weight(document: Document, kg: Number) -> Dose:
    """The single dose the document gives for a body weight, in mg, with its upper limit applied.

    Raises:
        UsageError: the weight is not above zero, or the document has no dose by weight.

    >>> from stormwatch.guidance import document
    >>> dose_for_weight(document("tocilizumab-us"), 25).mg
    Fraction(300, 1)
    """
    if kg <= 0:
        raise UsageError("a body weight is above 0 kg")
    weight = Value(Interval.point(kg), "kg")
    for row in document.rows:
        if isinstance(row, WeightDose) and row.evidence != "unconfirmed" and _weighs(row, kg):
            number = from_base(row.amount, weight).number
            if number is not None and row.amount.unit == "mg":
                return Dose(Fraction(number.low), row)
    raise UsageError(f"{document.id} gives no dose for this weight")


def restart_after(
    document: Document, toxicity: str, grade: int, *, kg: Number, interruption_days: Number | None = None
) -> Restart:
    """The confirmed row on restarting after a toxicity (``crs``, ``neurotoxicity``, ``other``) of a grade.

    A missing length of interruption leaves open whether the cycle goes on; it is never taken as short.

    Raises:
        UsageError: the document has no confirmed row for this toxicity, grade and weight.

    >>> from stormwatch.guidance import document
    >>> restart_after(document("blinatumomab-us"), "crs", 4, kg=70).row.action
    'discontinue'
    """
    for row in document.rows:
        if not isinstance(row, ToxicityRow) or row.evidence == "unconfirmed":
            continue
        if row.toxicity == toxicity and grade in row.grades and _weighs(row, kg):
            return Restart(row, _same_cycle(document, interruption_days))
    raise UsageError(f"{document.id} has no confirmed row for {toxicity} of grade {grade} at this weight")


def _weighs(row: Row, kg: Number) -> bool:
    low = None if row.weight_from is None else Fraction(row.weight_from)
    below = None if row.weight_below is None else Fraction(row.weight_below)
    return compared(Interval.point(kg), low=low, below=below) is Truth.MET


def _same_cycle(document: Document, days: Number | None) -> bool | None:
    rows = (row for row in document.rows if isinstance(row, Interruption) and row.means == "same_cycle")
    limit = next((row.at_most_hours for row in rows), None)
    return None if days is None or limit is None else days * 24 <= limit
