"""The PaO2/FiO2 ratio."""

from __future__ import annotations

from datetime import timedelta

from stormwatch.facts import Interval
from stormwatch.sources.derived.bounds import over
from stormwatch.sources.derived.rule import SAME_TIME, Part, Rule


def ratio(pao2: Interval, fio2: Interval) -> Interval:
    """In mm[Hg]: the inspired oxygen, recorded in percent, counts as a fraction."""
    return over(pao2, fio2).affine(100)


RULE = Rule(
    analyte="pao2_fio2",
    parts=(Part("pao2", SAME_TIME), Part("fio2", timedelta(hours=2))),
    formula="PaO2 / (FiO2 % / 100)",
    compute=ratio,
    why="the ratio belongs to the blood gas; the inspired oxygen is the last one charted, and charting is about hourly",
    source="A ratio by definition, as SOFA asks it (Singer 2016, PMC4968574 table 1)",
)
