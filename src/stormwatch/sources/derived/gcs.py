"""The Glasgow Coma Scale from its three components."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.sources.derived.bounds import rising
from stormwatch.sources.derived.rule import Part, Rule

_ONE_EXAMINATION = timedelta(hours=1)


def total(eye: Interval, verbal: Interval, motor: Interval) -> Interval:
    return rising(_sum, eye, verbal, motor)


def _sum(*scores: Fraction) -> Fraction:
    return sum(scores, Fraction(0))


RULE = Rule(
    analyte="gcs",
    parts=tuple(Part(f"gcs_{part}", _ONE_EXAMINATION) for part in ("eye", "verbal", "motor")),
    formula="eye + verbal + motor",
    compute=total,
    why="one examination is charted within minutes, and the scale is charted about hourly",
    source=(
        "Teasdale G, et al. Lancet Neurol 2014;13:844-854: the total is derived from the three components. A verbal "
        "score of 1 charted for a patient who cannot speak because of a tube lowers it; the record does not say which"
    ),
)
