"""Doses computed for a patient: flat, per kg, or per m2 with the document's upper limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from stormwatch.facts import Fact, Interval, plain
from stormwatch.guidance import words
from stormwatch.guidance.known import Value
from stormwatch.guidance.person import body_surface, weight
from stormwatch.guidance.schema import Amount
from stormwatch.guidance.situation import Situation

_FORMULA = "The document states no formula for body surface area; the one used is said with the measurement."


@dataclass(frozen=True, slots=True)
class Computed:
    """A dose for this patient; ``number`` is None when the weight or body surface it needs is not recorded."""

    amount: Amount
    number: Interval | None
    text: str
    facts: tuple[Fact, ...]
    missing: str

    @property
    def data(self) -> dict[str, Any]:
        """The dose as plain data."""
        low, high = (None, None) if self.number is None else (float(self.number.low), float(self.number.high))
        extra = {"every_hours": self.amount.every_hours, "days": self.amount.days or None}
        return {"low": low, "high": high, "unit": self.amount.unit, **{k: v for k, v in extra.items() if v}}


def compute(amount: Amount, patient: Situation, at: datetime) -> Computed:
    """The dose of a row for the weight or body surface known at a moment."""
    if not amount.per:
        number = Interval.point(Fraction(amount.value))
        return Computed(amount, number, _told(amount, number, ""), (), "")
    base = weight(patient, at) if amount.per == "kg" else body_surface(patient, at)
    return from_base(amount, base)


def from_base(amount: Amount, base: Value) -> Computed:
    """The dose of a row for a given weight (kg) or body surface area (m2)."""
    if base.number is None:
        return Computed(amount, None, f"The dose is not computed: {base.missing} is not recorded.", (), base.missing)
    number = base.number.affine(Fraction(amount.value))
    if amount.most is not None:
        number = number.smaller(Interval.point(Fraction(amount.most)))
    how = f"{plain(Fraction(amount.value))} {amount.unit} per {base.unit} x {base.number} {base.unit}"
    limit = "" if amount.most is None else f", at most {plain(Fraction(amount.most))} {amount.unit}"
    note = f" {_FORMULA}" if amount.per == "m2" else ""
    return Computed(amount, number, _told(amount, number, f" ({how}{limit})") + note, base.facts, "")


def _told(amount: Amount, number: Interval, how: str) -> str:
    often = f" every {amount.every_hours} hours" if amount.every_hours else ""
    length = f", {amount.days}" if amount.days else ""
    return f"{words.amount(number, amount.unit)}{often}{length}{how}."
