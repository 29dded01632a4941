"""Neutrophils from the leukocytes and their share."""

from __future__ import annotations

from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.sources.derived.bounds import times
from stormwatch.sources.derived.rule import SAME_TIME, Part, Rule


def neutrophils(wbc: Interval, percent: Interval) -> Interval:
    return times(wbc, percent).affine(Fraction(1, 100))


RULE = Rule(
    analyte="neutrophils",
    parts=(Part("wbc", SAME_TIME), Part("neutrophils_percent", SAME_TIME)),
    formula="WBC × neutrophils % / 100",
    compute=neutrophils,
    why="one blood count has one collection time; counts change within hours",
    source=(
        "Definition of the absolute count from a differential, as in the Severe Chronic Neutropenia International "
        "Registry's patient guide. It adds band forms; where the record's share leaves them out, so does this value"
    ),
)
