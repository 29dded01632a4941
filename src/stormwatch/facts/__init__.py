"""What was recorded about a patient: numbers with bounds, times with precision, facts with their source."""

from stormwatch.facts.accounting import Accounting, Rejection
from stormwatch.facts.fact import Exposure, Fact, Finding, Given, Level, Limit, Measurement, Origin, usable_from
from stormwatch.facts.interval import Interval, Number, plain
from stormwatch.facts.timeline import Patient, Stay, Timeline, in_order
from stormwatch.facts.when import When

__all__ = [
    "Accounting",
    "Exposure",
    "Fact",
    "Finding",
    "Given",
    "Interval",
    "Level",
    "Limit",
    "Measurement",
    "Number",
    "Origin",
    "Patient",
    "Rejection",
    "Stay",
    "Timeline",
    "When",
    "in_order",
    "plain",
    "usable_from",
]
