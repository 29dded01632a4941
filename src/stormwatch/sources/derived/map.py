"""Mean arterial pressure from the systolic and the diastolic one."""

from __future__ import annotations

from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.sources.derived.bounds import rising
from stormwatch.sources.derived.rule import SAME_TIME, Part, Rule


def mean_pressure(systolic: Interval, diastolic: Interval) -> Interval | None:
    """None when the systolic pressure lies below the diastolic one: then one of them is wrong."""
    if systolic.high < diastolic.low:
        return None
    return rising(_mean, systolic, diastolic)


def _mean(systolic: Fraction, diastolic: Fraction) -> Fraction:
    return (systolic + 2 * diastolic) / 3


RULE = Rule(
    analyte="map",
    parts=(Part("sbp", SAME_TIME), Part("dbp", SAME_TIME)),
    formula="(SBP + 2 × DBP) / 3",
    compute=mean_pressure,
    why="one reading gives both; where a cuff and an arterial line differ at one time, nothing is derived",
    source="The standard estimate, one third systolic and two thirds diastolic (PMID 15558774)",
)
