"""Which row of a document applies to given facts, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stormwatch.errors import UsageError
from stormwatch.facts import Number
from stormwatch.guidance.document import Document, DoseRow, RestartRow


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose in mg as the document computes it, and the row that says so."""

    mg: Fraction
    row: DoseRow


@dataclass(frozen=True, slots=True)
class Restart:
    """What the document says of restarting, whether the interruption stays within the cycle (None: not told), and
    the row that says so."""

    row: RestartRow
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
    for row in document.doses:
        if kg >= row.weight_from and (row.weight_below is None or kg < row.weight_below):
            return Dose(min(Fraction(row.mg_per_kg) * Fraction(kg), Fraction(row.most_mg)), row)
    raise UsageError(f"{document.id} gives no dose for this weight")


def restart_after(
    document: Document, toxicity: str, grade: int, *, kg: Number, interruption_days: Number | None = None
) -> Restart:
    """The row on restarting after a toxicity of a grade, for a body weight.

    A missing length of interruption leaves open whether the cycle goes on; it is never taken as short.

    Raises:
        UsageError: the document has no row for this toxicity, grade and weight.
    """
    for row in document.restarts:
        if (row.toxicity, row.grade) == (toxicity, grade) and kg >= row.weight_from:
            return Restart(row, _same_cycle(document, interruption_days))
    raise UsageError(f"{document.id} has no confirmed row for {toxicity} of grade {grade} at this weight")


def _same_cycle(document: Document, days: Number | None) -> bool | None:
    if days is None or document.interruption is None:
        return None
    return days <= document.interruption.same_cycle_up_to_days
