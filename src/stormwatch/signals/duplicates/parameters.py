"""The parameters of the comparison, read from ``parameters.toml`` where each stands with its source."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class NumberField:
    """How a stated number is wrong: by a little (with a standard deviation), or altogether."""

    deviation: float
    miss: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters, among records that state something. ``miss`` has those of sex, country, drug and event."""

    miss: Mapping[str, float]
    age: NumberField
    date: NumberField
    share: float
    certainty: float
    largest_block: int
    source: str

    def threshold(self, reports: int) -> float:
        """The weight in bits from which a pair is probably one case.

        A pair drawn at random is one case with probability ``2 * share / reports``. The weight must lift these odds to
        those of ``certainty``. The rule is ours.

        >>> round(parameters().threshold(1_000_000), 1)
        27.5
        """
        prior = 2 * self.share / max(reports, 1)
        return math.log2(self.certainty / (1 - self.certainty)) - math.log2(prior)


@cache
def parameters() -> Parameters:
    """The parameters that ship.

    >>> round(parameters().age.miss, 6)
    0.012285
    """
    table = tomllib.loads(files("stormwatch.signals.duplicates").joinpath("parameters.toml").read_text("utf-8"))
    miss = {field: held["miss"] / (1 - held["blank"]) for field, held in table["fields"].items()}
    return Parameters(miss, _number(table["age"]), _number(table["date"]), **table["decision"], source=table["source"])


def _number(held: dict[str, float]) -> NumberField:
    stated = 1 - held["blank"]
    return NumberField(held["deviation"] / stated, held["miss"] / stated, held["sigma"])
