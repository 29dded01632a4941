"""Words for what guidance says."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from stormwatch.facts import Interval, plain

INDICATIONS = {
    "relapsed_refractory": "relapsed or refractory disease",
    "mrd_positive": "remission with measurable residual disease",
    "consolidation": "the consolidation phase",
    "first_relapse_high_risk": "first relapse of high risk",
}
TOXICITIES = {
    "crs": "CRS",
    "neurotoxicity": "neurological toxicity",
    "seizure": "seizure",
    "mas_hlh": "HLH or MAS",
    "other": "another adverse reaction",
}


def spoken(name: str) -> str:
    """A catalogue name in plain words.

    >>> spoken("systemic_jia")
    'systemic jia'
    """
    return name.replace("_", " ")


def spoken_analyte(name: str) -> str:
    """AST, ALT, bilirubin: short names of enzymes are written in capitals."""
    return name.upper() if len(name) <= 4 else name.replace("_", " ")


def amount(number: Interval, unit: str) -> str:
    """A dose with its unit, rounded to two places for reading."""
    if number.is_point:
        return f"{_two(number.low)} {unit}"
    return f"{_two(number.low)} to {_two(number.high)} {unit}"


def days(length: timedelta) -> str:
    """A length of time in days, to one place."""
    return f"{length / timedelta(days=1):.1f} days"


def grades(wanted: tuple[int, ...]) -> str:
    """'grade 3', 'grade 1 or 2'."""
    return "grade " + " or ".join(str(one) for one in wanted)


def _two(value: Fraction | int | float) -> str:
    exact = Fraction(value)
    return plain(Fraction(round(exact * 100), 100))
