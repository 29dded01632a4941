"""Published thresholds, and what each says of a row of measures. Too few reports or an undefined one: no verdict."""

from __future__ import annotations

import operator
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

ABOVE, BELOW, TOO_FEW, UNDEFINED = "above", "below", "too few reports", "not defined"
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Condition:
    """A measure, how it is compared, and with what. The operator is as published."""

    measure: str
    sign: str
    bound: float

    def holds(self, value: float) -> bool:
        return _OPERATORS[self.sign](value, self.bound)


@dataclass(frozen=True, slots=True)
class Rule:
    """A threshold: every condition must hold, on at least ``least`` reports."""

    id: str
    title: str
    conditions: tuple[Condition, ...]
    least: int
    source: str
    evidence: str
    note: str

    def judge(self, row: Mapping[str, Any]) -> str:
        """``above`` or ``below`` the threshold, or why neither can be said.

        >>> rule = rules()["ic025"]
        >>> [rule.judge({"n": n, "ic025": x}) for n, x in ((3, 0.1), (3, 0.0), (2, 5.0), (3, None))]
        ['above', 'below', 'too few reports', 'not defined']
        """
        if row["n"] < self.least:
            return TOO_FEW
        values = [row[one.measure] for one in self.conditions]
        if any(value is None for value in values):
            return UNDEFINED
        held = (one.holds(value) for one, value in zip(self.conditions, values, strict=True))
        return ABOVE if all(held) else BELOW

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "conditions": [asdict(one) for one in self.conditions]}


@cache
def rules() -> Mapping[str, Rule]:
    """All thresholds by id.

    >>> rules()["prr"].least
    3
    """
    held = tomllib.loads(files("stormwatch.signals.report").joinpath("thresholds.toml").read_text("utf-8"))
    made = [
        Rule(**{**one, "conditions": tuple(Condition(*part) for part in one["conditions"])}) for one in held["rules"]
    ]
    return {rule.id: rule for rule in made}


def fewest() -> int:
    """The number of reports below which no threshold calls a pair a signal.

    >>> fewest()
    3
    """
    return min(rule.least for rule in rules().values())


def judged(row: Mapping[str, Any]) -> dict[str, str]:
    """What every threshold says of a row."""
    return {name: rule.judge(row) for name, rule in rules().items()}
