"""The generator's tables: each number is published, with its source, or marked as a choice of ours."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

_QUARTILES_APART = 1.3489795003921634
"""Distance of the quartiles of a normal distribution, in standard deviations."""

_TRIES = 100


@dataclass(frozen=True, slots=True)
class Rate:
    """A chance: ``published`` with its source, or ours. ``events`` of ``of`` is as printed."""

    value: Fraction
    published: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution kept between two ends: normal where ``linear``, else log-normal."""

    median: float
    sigma: float
    low: float
    high: float
    linear: bool = False

    def draw(self, random: Random) -> float:
        for _ in range(_TRIES):
            step = random.gauss(0, self.sigma) if self.sigma else 0.0
            value = self.median + step if self.linear else self.median * math.exp(step)
            if self.low <= value <= self.high:
                return value
        return min(max(self.median, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Usual:
    """Values of one analyte outside any course."""

    person: Spread
    noise: float
    linear: bool
    keep: tuple[float, float]
    reference: tuple[float, float] | None
    part_of: str
    share: float


@cache
def table(name: str) -> Mapping[str, Any]:
    """One of the files in ``data``."""
    return tomllib.loads(files("stormwatch.cohort.synth").joinpath("data", f"{name}.toml").read_text("utf-8"))


@cache
def text_of(name: str) -> str:
    """The same file as it stands, for its fingerprint."""
    return files("stormwatch.cohort.synth").joinpath("data", f"{name}.toml").read_text("utf-8")


@cache
def rates() -> Mapping[str, Mapping[str, Rate]]:
    """Every chance, by group and name.

    >>> rates()["car_t"]["mas"].value
    Fraction(28, 803)
    """
    return {group: {name: _rate(row) for name, row in rows.items()} for group, rows in table("rates").items()}


@cache
def chance(group: str, name: str) -> float:
    return float(rates()[group][name].value)


@cache
def usual() -> Mapping[str, Usual]:
    """What is usual, by analyte."""
    return {analyte: _usual(row) for analyte, row in table("values").items()}


@cache
def spread(file: str, *path: str) -> Spread:
    """A distribution of ``courses`` or ``timing``; those of bedside and electrolyte values are linear."""
    row: Any = table(file)
    for step in path:
        row = row[step]
    linear = file == "courses" and usual()[path[-1]].linear
    sigma = math.log(row["q3"] / row["q1"]) / _QUARTILES_APART if "q1" in row else row["spread"]
    return Spread(row["median"], sigma, row["low"], row["high"], linear)


def _rate(row: Mapping[str, Any]) -> Rate:
    if "ours" in row:
        return Rate(Fraction(str(row["ours"])), False, "", row["why"])
    return Rate(Fraction(row["events"], row["of"]), True, row["source"], row["note"])


def _usual(row: Mapping[str, Any]) -> Usual:
    linear = row.get("linear", False)
    low, high = row["keep"]
    person = Spread(row["median"], row["spread"], low, high, linear)
    limits = tuple(row["reference"]) if "reference" in row else None
    whole = row.get("at_most", {"of": "", "share": 1.0})
    return Usual(person, row["noise"], linear, (low, high), limits, whole["of"], whole["share"])
